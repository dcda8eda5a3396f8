//! Operators' commands for the Tern that runs on this machine. In AWS the same functions take the same payloads with
//! `aws lambda invoke`; dead letters are redriven with `aws sqs start-message-move-task`.

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Value, json};

/// Which Tern to operate.
#[derive(Args)]
pub(crate) struct Server {
    /// The loopback port that Tern listens on
    #[arg(long, default_value_t = 8080)]
    port: u16,
}

/// Which bookings to republish.
#[derive(Args)]
pub(crate) struct Republish {
    #[command(flatten)]
    selection: Selection,
    /// Republish them; without it they are only listed
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    server: Server,
}

#[derive(Args, Default)]
#[group(required = true, multiple = true)]
struct Selection {
    /// The bookings of this member
    #[arg(long, value_name = "MEMBER_ID", conflicts_with_all = ["all", "from", "until"])]
    member: Option<String>,
    /// The bookings created from this instant on, as 2026-11-21T00:00:00Z
    #[arg(long, value_name = "INSTANT", conflicts_with = "all")]
    from: Option<String>,
    /// The bookings created before this instant
    #[arg(long, value_name = "INSTANT", conflicts_with = "all")]
    until: Option<String>,
    /// All bookings
    #[arg(long)]
    all: bool,
}

/// Gives every dead letter one more attempt.
pub(crate) fn redrive(server: &Server) -> Result<()> {
    let reply = server.post("/local/dead-letters/redrive", &json!({}))?;
    println!("redriven dead letters: {}", reply["redriven"]);
    Ok(())
}

/// Lists the selected bookings, or republishes their current events.
pub(crate) fn republish(options: &Republish) -> Result<()> {
    let mut bookings = 0;
    for page in
        pages(&options.selection, !options.yes, |function, payload| options.server.invoke(function, payload))
    {
        for booking in listed(&page?, "bookings")? {
            bookings += 1;
            println!(
                "{} version {} {}",
                text(booking, "record_locator"),
                booking["version"],
                text(booking, "status")
            );
        }
    }
    if options.yes {
        println!("{bookings} bookings republished");
    } else {
        println!("{bookings} bookings would be republished: add --yes to republish them");
    }
    Ok(())
}

/// Compares all bookings with their projections in Airmiles and prints the differences.
pub(crate) fn compare(server: &Server) -> Result<()> {
    let (compared, differences) = differences(|function, payload| server.invoke(function, payload))?;
    differences.iter().for_each(|difference| println!("{difference}"));
    println!("{compared} bookings compared with Airmiles, {} differences", differences.len());
    if !differences.is_empty() {
        bail!("Airmiles differs from Booking: docs/runbooks has the steps");
    }
    Ok(())
}

/// How many bookings were compared, and a line for each difference.
fn differences(invoke: impl Fn(&str, &Value) -> Result<Value>) -> Result<(u64, Vec<String>)> {
    let (mut compared, mut lines) = (0, Vec::new());
    for page in pages(&Selection { all: true, ..Selection::default() }, true, &invoke) {
        let reply = invoke("airmiles-compare", &page?)?;
        compared += reply["compared"].as_u64().context("airmiles-compare returns the number of bookings")?;
        lines.extend(listed(&reply, "differences")?.iter().map(|difference| {
            let (booked, applied) = (&difference["booked_version"], &difference["applied_version"]);
            let (locator, kind) = (text(difference, "record_locator"), text(difference, "difference"));
            format!("{locator}: {kind} (version {booked} in Booking, {applied} in Airmiles)")
        }));
    }
    Ok((compared, lines))
}

/// The pages of `booking-republish`, each requested when it is needed.
fn pages(
    selection: &Selection,
    dry_run: bool,
    invoke: impl Fn(&str, &Value) -> Result<Value>,
) -> impl Iterator<Item = Result<Value>> {
    let Selection { member, from, until, all } = selection;
    let mut payload = json!({ "all": all, "dry_run": dry_run, "limit": 500 });
    for (name, value) in [("member_id", member), ("from", from), ("until", until)] {
        if let Some(value) = value {
            payload[name] = json!(value);
        }
    }
    let mut next = Some(payload);
    std::iter::from_fn(move || {
        let mut payload = next.take()?;
        let page = invoke("booking-republish", &payload);
        if let Some(after) = page.as_ref().ok().and_then(|page| page["next"].as_str()) {
            payload["after"] = json!(after);
            next = Some(payload);
        }
        Some(page)
    })
}

fn listed<'v>(reply: &'v Value, name: &str) -> Result<&'v Vec<Value>> {
    reply[name].as_array().with_context(|| format!("the reply has no list `{name}`: {reply}"))
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or("?")
}

impl Server {
    fn invoke(&self, function: &str, payload: &Value) -> Result<Value> {
        self.post(&format!("/local/functions/{function}/invocations"), payload)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
        let mut reply = ureq::Agent::new_with_config(config)
            .post(&url)
            .send_json(body)
            .with_context(|| format!("calling {url}: start Tern with `cargo xtask up`"))?;
        let failed = !reply.status().is_success() || reply.headers().contains_key("x-amz-function-error");
        let value: Value =
            reply.body_mut().read_json().with_context(|| format!("reading the reply of {url}"))?;
        if failed {
            let reason = [&value["detail"], &value["errorMessage"]].into_iter().find_map(Value::as_str);
            bail!("{url} failed: {}", reason.map_or_else(|| value.to_string(), str::to_owned));
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn every_page_of_bookings_is_compared() {
        let invoked = RefCell::new(Vec::new());
        let invoke = |function: &str, payload: &Value| {
            invoked.borrow_mut().push(format!("{function} {payload}"));
            Ok(match (function, payload["after"].as_str()) {
                ("booking-republish", None) => {
                    json!({ "bookings": [{ "record_locator": "K7QZ4M" }], "next": "p2" })
                }
                ("booking-republish", Some(_)) => json!({ "bookings": [], "next": null }),
                (_, _) if payload["bookings"] == json!([]) => json!({ "compared": 0, "differences": [] }),
                (_, _) => {
                    let difference = json!({ "record_locator": "K7QZ4M", "difference": "behind", "booked_version": 2,
                        "applied_version": 1 });
                    json!({ "compared": 1, "differences": [difference] })
                }
            })
        };
        let (compared, lines) = differences(invoke).unwrap();
        assert_eq!((compared, lines.len()), (1, 1));
        assert_eq!(lines[0], "K7QZ4M: behind (version 2 in Booking, 1 in Airmiles)");
        let invoked = invoked.into_inner();
        assert_eq!(invoked[0], r#"booking-republish {"all":true,"dry_run":true,"limit":500}"#);
        assert_eq!(invoked[2], r#"booking-republish {"after":"p2","all":true,"dry_run":true,"limit":500}"#);
        assert_eq!(invoked.len(), 4);
    }

    #[test]
    fn a_failed_page_ends_the_listing() {
        let selection = Selection { member: Some("kenji-mori".to_owned()), ..Selection::default() };
        let invoke = |_: &str, payload: &Value| bail!("{payload}");
        let pages: Vec<_> =
            pages(&selection, false, invoke).map(|page| page.unwrap_err().to_string()).collect();
        assert_eq!(pages, [r#"{"all":false,"dry_run":false,"limit":500,"member_id":"kenji-mori"}"#]);
    }
}

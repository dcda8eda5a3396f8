//! A booking's whole way on one dashboard, over the accounts that it goes through: search, booking, outbox, topic, queue,
//! miles. It stands in Tools, which may look into the others (`infra/operations`).

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::widgets::{Line, Widgets};
use super::{
    ANSWERS, APPLYING_COUNTS, BOOKING_COUNTS, LATENCY, MESSAGES, MILES_LAG, OUTBOX_LAG, PUBLISHING_COUNTS,
};

/// Adds a dashboard for each of the environments that the template's metadata names as `WholeWay`, which goes.
///
/// # Errors
/// When one is no name, or its accounts are no parameters.
pub(crate) fn add(template: &mut Value) -> Result<()> {
    let Some(metadata) = template.get_mut("Metadata").and_then(Value::as_object_mut) else { return Ok(()) };
    let Some(environments) = metadata.remove("WholeWay") else { return Ok(()) };
    let nothing_left = metadata.is_empty();
    if nothing_left && let Some(template) = template.as_object_mut() {
        template.remove("Metadata");
    }
    for environment in environments.as_array().context("WholeWay lists environments")? {
        let environment = environment.as_str().context("an environment is a name")?;
        let (first, rest) = environment.split_at_checked(1).context("an environment has a name")?;
        let titled = first.to_uppercase() + rest;
        let accounts = ["Booking", "Airmiles"].map(|service| format!("{service}{titled}AccountId"));
        if let Some(missing) = accounts.iter().find(|account| template["Parameters"].get(account).is_none()) {
            bail!("the way through {environment} needs the parameter {missing}");
        }
        let [booking, airmiles] = accounts.map(|account| format!("${{{account}}}"));
        let way = Way { environment, booking, airmiles };
        let name = format!("tern-{environment}-whole-way");
        template["Resources"][format!("WholeWay{titled}Dashboard")] = way.widgets().dashboard(&name);
    }
    Ok(())
}

struct Way<'a> {
    environment: &'a str,
    booking: String,
    airmiles: String,
}

type Metrics = [(&'static str, &'static str)];

impl Way<'_> {
    fn widgets(&self) -> Widgets {
        let Self { environment, booking, airmiles } = self;
        let mut widgets = Widgets::default();
        widgets.text(&format!(
            "**A booking's whole way, {environment}.** Search and booking, then outbox, topic, queue, miles, in that \
             order. Where one booking is: the saved query *Where is a booking* in each account, or its trace by the \
             annotation `record_locator`. What to do: docs/runbooks."
        ));
        let look_to_book = vec![
            self.own("booking", "Searches", "Sum").named("searches"),
            self.own("booking", "Bookings", "Sum").named("bookings"),
            Line::worked_out("searches / bookings", "look-to-book"),
        ];
        widgets.graph("1. Look-to-book", look_to_book);
        widgets.graph("1. Searches, bookings, refusals", self.all("booking", &BOOKING_COUNTS));
        for (service, account) in [("booking", booking), ("airmiles", airmiles)] {
            let api = format!("tern-{environment}-{service}");
            let of = |metrics: &Metrics| named("AWS/ApiGateway", "ApiName", &api, account, metrics);
            widgets.graph(format!("2. {service}: answers"), of(&ANSWERS));
            widgets.graph(format!("2. {service}: latency, ms"), of(&LATENCY));
        }
        widgets.graph("3. From booking to published, ms", self.all("booking", &OUTBOX_LAG));
        widgets.graph("3. Events published", self.all("booking", &PUBLISHING_COUNTS));
        let topic = format!("tern-{environment}-booking-events");
        let delivering = [
            ("NumberOfMessagesPublished", "Sum"),
            ("NumberOfNotificationsDelivered", "Sum"),
            ("NumberOfNotificationsFailed", "Sum"),
        ];
        widgets.graph("4. Topic", named("AWS/SNS", "TopicName", &topic, booking, &delivering));
        let queue = format!("tern-{environment}-airmiles-booking-events");
        widgets.graph(
            "5. Queue: messages, and the oldest one's age in s",
            named("AWS/SQS", "QueueName", &queue, airmiles, &MESSAGES),
        );
        widgets.graph("6. From booking to miles, ms", self.all("airmiles", &MILES_LAG));
        widgets.graph("6. Events applied", self.all("airmiles", &APPLYING_COUNTS));
        widgets.graph("Dead letters", self.dead_letters());
        widgets
    }

    fn own(&self, service: &str, metric: &str, statistic: &str) -> Line {
        let account = if service == "booking" { &self.booking } else { &self.airmiles };
        Line::own(service, self.environment, metric, statistic).in_account(account)
    }

    fn all(&self, service: &str, metrics: &Metrics) -> Vec<Line> {
        metrics.iter().map(|(metric, statistic)| self.own(service, metric, statistic)).collect()
    }

    fn dead_letters(&self) -> Vec<Line> {
        let queues = [
            ("booking-stream-dead-letters", &self.booking),
            ("airmiles-subscription-dead-letters", &self.airmiles),
            ("airmiles-booking-events-dead-letters", &self.airmiles),
        ];
        let line = |(queue, account): (&str, &String)| {
            let dimensions = vec![("QueueName", format!("tern-{}-{queue}", self.environment))];
            let line = Line::new("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", dimensions);
            line.in_account(account).labelled(queue)
        };
        queues.into_iter().map(line).collect()
    }
}

/// The lines of a resource of a known name.
fn named(namespace: &str, dimension: &str, name: &str, account: &str, metrics: &Metrics) -> Vec<Line> {
    let line = |(metric, statistic): &(&str, &str)| {
        Line::new(namespace, metric, statistic, vec![(dimension, name.to_owned())]).in_account(account)
    };
    metrics.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_environment_without_accounts_is_refused() {
        let parameters = json!({ "BookingDevAccountId": {}, "AirmilesDevAccountId": {} });
        let template = |environments: Value| json!({ "Metadata": { "WholeWay": environments }, "Parameters": parameters, "Resources": {} });
        let mut known = template(json!(["dev"]));
        add(&mut known).unwrap();
        assert!(known["Resources"]["WholeWayDevDashboard"]["Properties"]["DashboardBody"].is_object());
        assert!(known.get("Metadata").is_none());
        for (environments, said) in [
            (json!(["qa"]), "needs the parameter BookingQaAccountId"),
            (json!([""]), "has a name"),
            (json!("dev"), "lists environments"),
        ] {
            let error = add(&mut template(environments)).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}

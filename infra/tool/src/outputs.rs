//! Stack outputs as contracts: what each stack puts out for others, written beside the other contracts, and who looks
//! what up.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, bail};

use crate::{project, template};

/// Writes `api-types/contracts/<service>.outputs.json` for every service, or only reports the stale ones.
///
/// # Errors
/// When a stack can't be rendered or a file can't be written; with `check`, when one is stale.
pub(crate) fn write(check: bool) -> Result<()> {
    for service in project::services()?.names() {
        let (name, text) = (format!("{service}.outputs.json"), text(service)?);
        let path = project::root().join("api-types/contracts").join(&name);
        if check {
            if fs::read_to_string(&path).unwrap_or_default() != text {
                bail!(
                    "api-types/contracts/{name} is stale: run `cargo xtask contract generate` and commit it"
                );
            }
        } else {
            fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
            println!("api-types/contracts/{name}");
        }
    }
    Ok(())
}

/// A stack's outputs, name and meaning.
fn text(stack: &str) -> Result<String> {
    let template = template::render(stack)?;
    let outputs = template["Outputs"].as_object().into_iter().flatten();
    let meanings = outputs.map(|(name, output)| {
        let meaning = output["Description"].as_str();
        Ok((name, meaning.with_context(|| format!("the output {name} of {stack} lacks a Description"))?))
    });
    let meanings = meanings.collect::<Result<BTreeMap<_, _>>>()?;
    Ok(serde_json::to_string_pretty(&meanings)? + "\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::jq::Program;

    /// Every `Fn::GetStackOutput` within `value`: whose stack, and which output.
    fn lookups(value: &Value) -> BTreeSet<(String, String)> {
        let lookups = r#".. | .["Fn::GetStackOutput"]? | values
            | [(.StackName["Fn::Sub"] | ltrimstr("tern-${Environment}-")), .OutputName]"#;
        Program::compile(lookups, []).unwrap().run(value, []).unwrap().into_iter().collect()
    }

    /// What `consumer` registered; nothing if it registered nothing.
    fn registration(consumer: &str) -> Value {
        let package = project::services().unwrap().get(consumer).unwrap().package.as_deref();
        let path = project::root().join(package.unwrap_or(consumer)).join("registration.json");
        fs::read(path).map_or(Value::Null, |text| serde_json::from_slice(&text).unwrap())
    }

    fn rendered() -> impl Iterator<Item = (&'static str, Value)> {
        project::services().unwrap().names().map(|service| (service, template::render(service).unwrap()))
    }

    #[test]
    fn the_committed_outputs_are_up_to_date() {
        write(true).unwrap();
    }

    #[test]
    fn every_service_registered_exactly_the_outputs_that_it_looks_up() {
        let mut looked_up = 0;
        for (service, template) in rendered() {
            let found = lookups(&template);
            let registration = registration(service);
            let registered: BTreeSet<(String, String)> = registration["reads"]
                .as_object()
                .into_iter()
                .flatten()
                .flat_map(|(of, reads)| {
                    let outputs = reads["outputs"].as_array().into_iter().flatten();
                    outputs.map(|output| (of.clone(), output.as_str().unwrap().to_owned()))
                })
                .collect();
            assert_eq!(found, registered, "correct the registration.json of {service}");
            looked_up += found.len();
        }
        assert!(looked_up > 0);
    }

    #[test]
    fn every_subscription_lets_through_exactly_the_registered_event_types() {
        let mut subscriptions = 0;
        for (service, template) in rendered() {
            let registration = registration(service);
            let of_type = |resource: &&Value| resource["Type"] == "AWS::SNS::Subscription";
            for subscription in template["Resources"].as_object().unwrap().values().filter(of_type) {
                let topic = lookups(&subscription["Properties"]["TopicArn"]);
                let (publisher, _) = topic.first().expect("a subscription looks its topic up");
                let sorted = |types: &Value| -> BTreeSet<String> {
                    types.as_array().unwrap().iter().map(|each| each.as_str().unwrap().to_owned()).collect()
                };
                let passed = sorted(&subscription["Properties"]["FilterPolicy"]["type"]);
                assert_eq!(passed, sorted(&registration["reads"][publisher]["events"]["types"]), "{service}");
                subscriptions += 1;
            }
        }
        assert!(subscriptions > 0);
    }
}

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};

use crate::{fragments, template};

/// What is known of an environment: account ids, domains. Each has the name of the parameter that it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(super) environment: String,
    values: BTreeMap<String, String>,
}

impl FromStr for Facts {
    type Err = anyhow::Error;

    /// Reads `dev={"BookingAccountId": "..."}`.
    fn from_str(text: &str) -> Result<Self> {
        let (environment, values) =
            text.split_once('=').context("it is <environment>=<facts>, a JSON object")?;
        let values = serde_json::from_str(values).with_context(|| {
            format!("the facts of {environment} are a JSON object of texts (infra/README.md)")
        })?;
        Ok(Self { environment: environment.to_owned(), values })
    }
}

/// What CodePipeline hands to CloudFormation with `template`: of the facts those that it asks for, and what the build knows.
///
/// # Errors
/// When the template asks for what nobody says, or an account id can't be one.
pub(super) fn configuration(
    service: &str,
    template: &Value,
    facts: &Facts,
    built: &BTreeMap<&str, String>,
) -> Result<Value> {
    let environment = &facts.environment;
    let known = |name: &str| match name {
        "Environment" => Some(environment.as_str().into()),
        name => built.get(name).or_else(|| facts.values.get(name)).map(|value| value.as_str().into()),
    };
    let parameters = template::parameters(template, known).map_err(|name| {
        let parameter = fragments::camel(environment);
        anyhow!("{service} asks for {name}, which /tern/environments/{environment} doesn't say: add it to {parameter}Facts of the stack tern-tools")
    })?;
    let is_account = |value: &str| value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit());
    for (name, value) in parameters.iter().filter(|(name, _)| name.ends_with("AccountId")) {
        if !value.as_str().is_some_and(is_account) {
            bail!(
                "/tern/environments/{environment} says {name} is {value}, but an account's id is twelve digits"
            );
        }
    }
    Ok(
        json!({ "Parameters": parameters, "Tags": { "tern:service": service, "tern:environment": environment } }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project;

    fn asking() -> Value {
        json!({ "Parameters": {
            "Environment": {}, "PeerAccountId": {}, "Release": { "Default": "aa" }, "InlineScripts": { "Default": "" },
        } })
    }

    #[test]
    fn a_template_is_told_what_it_asks_for_and_no_more() {
        let facts = r#"dev={"PeerAccountId":"111111111111","WebDomain":"tern.example"}"#.parse().unwrap();
        let built = BTreeMap::from([("InlineScripts", " 'sha256-x'".to_owned())]);
        let told = configuration("booking", &asking(), &facts, &built).unwrap();
        assert_eq!(
            told["Parameters"],
            json!({ "Environment": "dev", "InlineScripts": " 'sha256-x'", "PeerAccountId": "111111111111" })
        );
    }

    #[test]
    fn what_nobody_says_and_what_cant_be_is_named() {
        for (facts, said) in [
            (
                "prod={}",
                "booking asks for PeerAccountId, which /tern/environments/prod doesn't say: add it to ProdFacts",
            ),
            (
                r#"qa={"PeerAccountId":"1111"}"#,
                "says PeerAccountId is \"1111\", but an account's id is twelve digits",
            ),
        ] {
            let facts = facts.parse().unwrap();
            let error =
                configuration("booking", &asking(), &facts, &BTreeMap::new()).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
        for text in ["dev", "dev=[]", r#"dev={"PeerAccountId":111111111111}"#] {
            assert!(text.parse::<Facts>().is_err(), "{text}");
        }
    }

    /// Who fills an environment's facts in knows their names from there.
    #[test]
    fn what_services_ask_for_is_described_in_the_readme() {
        let readme = std::fs::read_to_string(project::infra().join("README.md")).unwrap();
        for stack in project::services().unwrap().names() {
            let rendered = template::render(stack).unwrap();
            for (name, parameter) in rendered["Parameters"].as_object().unwrap() {
                let is_built = ["Environment", "Release"].contains(&name.as_str());
                let is_account = name.ends_with("AccountId"); // named after its service
                let is_told = is_built || is_account || parameter.get("Default").is_some();
                assert!(is_told || readme.contains(&format!("\"{name}\"")), "{stack} asks for {name}");
            }
        }
    }
}

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::{Gateway, OPERATOR, object};

/// How the gateway takes a signed request.
pub(super) fn scheme() -> Value {
    json!({
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "awsSigv4",
    })
}

/// The API's resource policy, if any of its lowered `paths` is private.
///
/// A role of another account needs both: its own account's leave, and this policy's. What is not private stays as open as the
/// contract says, because a resource policy shuts what it doesn't name.
///
/// # Errors
/// When a route is private and nobody may call it.
pub(super) fn policy(paths: &Map<String, Value>, gateway: &Gateway) -> Result<Option<Value>> {
    let routes: Vec<_> = paths.iter().flat_map(|(path, item)| private(path, item)).collect();
    let Some(first) = routes.first() else { return Ok(None) };
    let operators = gateway
        .operators
        .as_ref()
        .with_context(|| format!("{first} is private, but the service's descriptor lists no `callers`"))?;
    let deny = |sid: &str, key: &str, unless: &Value| {
        json!({
            "Sid": sid, "Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": routes,
            "Condition": { "StringNotEquals": { key: unless } },
        })
    };
    Ok(Some(json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AsTheContractSays", "Effect": "Allow", "Principal": "*",
                "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
            },
            // Who isn't signed in has neither key, and is refused by both.
            deny("OurOrganisationAlone", "aws:PrincipalOrgID", &operators.organization),
            deny("OperatorsAccountsAlone", "aws:PrincipalAccount", &operators.accounts),
        ],
    })))
}

/// A path's private operations, as a resource policy names them.
fn private(path: &str, item: &Value) -> Vec<String> {
    let route: Vec<_> = path.split('/').map(|part| if part.starts_with('{') { "*" } else { part }).collect();
    let route = route.join("/");
    object(item)
        .filter(|(_, operation)| operation["security"][0].get(OPERATOR).is_some())
        .map(|(method, _)| format!("execute-api:/*/{}{route}", method.to_uppercase()))
        .collect()
}

//! From the committed contract (OpenAPI 3.1) to the body that API Gateway imports (OpenAPI 3.0, models in JSON
//! Schema draft 4).
//!
//! | module | what it does |
//! |---|---|
//! | [`schema`] | lowers the schemas that requests are checked against, and fails on what can't be lowered |
//! | [`operation`] | lowers paths and operations |
//! | [`refusals`] | the gateway's own refusals, as the same problem bodies that the services send |
//!
//! What API Gateway wants besides is in `infra/shared/gateway.yaml`.

mod operation;
mod refusals;
mod schema;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{fragments, project};

/// What a template says in place of its gateway's body (`infra/shared/http.yaml`).
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Gateway {
    /// The file of the committed contract.
    contract: String,
    /// The logical id of the function that answers; requests go to its alias.
    function: String,
    /// The ARN of the user pool whose tokens are taken, if the service trusts one.
    user_pool_arn: Option<Value>,
    /// OAuth scopes of which an access token must carry one.
    #[serde(default)]
    scopes: Vec<String>,
    /// Whether every route must be private.
    is_private: bool,
    /// Who may call private routes, if any route is.
    operators: Option<Operators>,
}

/// The accounts whose roles may call private routes.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Operators {
    /// The organisation that they belong to.
    organization: Value,
    /// Their ids, a list.
    accounts: Value,
}

/// The security scheme by which contracts mark what only members may call.
const MEMBER: &str = "member";

/// The security scheme by which contracts mark what only our own accounts may call: requests signed with AWS Signature Version 4.
const OPERATOR: &str = "operator";

/// The body of the gateway that `definition` describes.
///
/// # Errors
/// When the description lacks something, or its contract can't be read or lowered.
pub(crate) fn body(definition: Value) -> Result<Value> {
    let gateway: Gateway = serde_json::from_value(definition).context("the gateway's DefinitionBody")?;
    let file = &gateway.contract;
    let contract = project::read_json(&project::root().join(file))?;
    lower(&contract, &gateway).with_context(|| file.clone())
}

/// Lowers `contract` for API Gateway.
///
/// Replies are not described: a proxy integration never reads them, and what the contract says of them is checked by the
/// service's own tests.
///
/// # Errors
/// When the contract holds what API Gateway's import would refuse, or worse, silently read in another way.
fn lower(contract: &Value, gateway: &Gateway) -> Result<Value> {
    let version = contract.get("openapi").and_then(Value::as_str).unwrap_or("none");
    if !version.starts_with("3.1") {
        bail!("the contract is OpenAPI {version}; 3.1 was expected");
    }
    if contract.get("security").is_some() {
        bail!("`security` at the root is ignored by API Gateway: put it at each operation");
    }
    for (name, scheme) in object(&contract["components"]["securitySchemes"]) {
        let is_known = match name.as_str() {
            MEMBER => scheme["scheme"] == "bearer",
            OPERATOR => scheme["type"] == "apiKey" && scheme["name"] == "Authorization",
            _ => false,
        };
        if !is_known {
            bail!(
                "the security scheme {name} is not known here: only `{MEMBER}`, a bearer token, and `{OPERATOR}`, a signature in the header Authorization, are"
            );
        }
    }
    let mut schemas = schema::Models::new(&contract["components"]["schemas"]);
    let mut paths = Map::new();
    for (path, item) in object(&contract["paths"]) {
        let lowered = operation::lower_path(path, item, gateway, &mut schemas)
            .with_context(|| format!("path {path}"))?;
        paths.insert(path.clone(), lowered);
    }
    if paths.is_empty() {
        bail!("the contract has no paths");
    }
    let private_routes: Vec<_> =
        paths.iter().flat_map(|(path, item)| operation::private_routes(path, item)).collect();
    if let (Some(first), None) = (private_routes.first(), &gateway.operators) {
        bail!("{first} is private, but the service's descriptor lists no `callers`");
    }
    let mut body = json!({
        "info": { "title": contract["info"]["title"], "version": contract["info"]["version"] },
        "paths": paths,
        "components": { "schemas": schemas.into_lowered(), "securitySchemes": {} },
        "x-amazon-apigateway-gateway-responses": refusals::all(),
    });
    let context = json!({ "gateway": gateway, "paths": paths, "private_routes": private_routes });
    for part in fragments::shared("gateway.yaml", &context)? {
        fragments::merge(&mut body, part);
    }
    Ok(body)
}

/// The members of an object, none if it is something else.
fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

#[cfg(test)]
mod tests;

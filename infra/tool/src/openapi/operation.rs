use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::schema::Models;
use super::{Gateway, MEMBER, OPERATOR, object};

/// Headers whose absence the service answers with a problem code of its own, which the gateway could not.
const LEFT_TO_THE_SERVICE: [&str; 1] = ["Idempotency-Key"];

pub(super) fn lower_path(path: &str, item: &Value, gateway: &Gateway, models: &mut Models) -> Result<Value> {
    for segment in path.split('/').skip(1) {
        let plain = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')).unwrap_or(segment);
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.,:".contains(c);
        if plain.is_empty() || !plain.chars().all(allowed) {
            bail!("the segment `{segment}` is not one that API Gateway takes");
        }
    }
    let mut lowered = Map::new();
    for (method, operation) in object(item) {
        match method.as_str() {
            "get" | "put" | "post" | "delete" | "patch" | "head" | "options" => {
                let operation = lower_operation(operation, gateway, models);
                lowered.insert(method.clone(), operation.with_context(|| method.to_uppercase())?);
            }
            "summary" | "description" => {}
            _ => bail!("`{method}` beside a path's methods is not known to API Gateway"),
        }
    }
    Ok(lowered.into())
}

fn lower_operation(operation: &Value, gateway: &Gateway, models: &mut Models) -> Result<Value> {
    let id = operation.get("operationId").and_then(Value::as_str).context("it has no operationId")?;
    let mut lowered = json!({ "operationId": id });
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let parameters: Result<Vec<_>> =
        parameters.into_iter().flatten().map(|parameter| lower_parameter(parameter, models)).collect();
    let parameters = parameters?;
    if !parameters.is_empty() {
        lowered["parameters"] = parameters.into();
    }
    if let Some(body) = operation.get("requestBody") {
        lowered["requestBody"] = lower_body(body, models).context("the request's body")?;
    }
    match operation.get("security").and_then(Value::as_array).map(Vec::as_slice) {
        Some([one]) if one.get(OPERATOR).is_some() => {
            lowered["security"] = json!([{ OPERATOR: [] }]);
        }
        _ if gateway.is_private => {
            bail!("the service is private, but the route lacks `security: [{{{OPERATOR}: []}}]`")
        }
        None | Some([]) => {}
        Some([one]) if one.get(MEMBER).is_some() => {
            if gateway.user_pool_arn.is_none() {
                bail!(
                    "the route is for members, but the service's descriptor doesn't list members in `calls`"
                );
            }
            lowered["security"] = json!([{ MEMBER: gateway.scopes }]);
        }
        Some(_) => bail!("more than one way of signing in can't be expressed"),
    }
    Ok(lowered)
}

fn lower_parameter(parameter: &Value, models: &mut Models) -> Result<Value> {
    let name = parameter.get("name").and_then(Value::as_str).context("a parameter without a name")?;
    let place = parameter.get("in").and_then(Value::as_str).unwrap_or_default();
    if !["query", "path", "header"].contains(&place) {
        bail!("the parameter {name} is in `{place}`, where API Gateway doesn't look");
    }
    let required = parameter.get("required").and_then(Value::as_bool).unwrap_or(false)
        && !(place == "header" && LEFT_TO_THE_SERVICE.contains(&name));
    // Of parameters API Gateway checks presence only. Its schema is lowered to learn that it can be, then reduced to
    // a text: that is what every parameter is on the wire.
    models.lower(&parameter["schema"]).with_context(|| format!("parameter {name}"))?;
    Ok(json!({ "name": name, "in": place, "required": required, "schema": { "type": "string" } }))
}

fn lower_body(body: &Value, models: &mut Models) -> Result<Value> {
    let mut content = Map::new();
    for (media_type, media) in object(&body["content"]) {
        if media_type != "application/json" {
            bail!("the media type {media_type} is not checked by API Gateway");
        }
        let schema = models.lower(&media["schema"])?;
        if schema.get("$ref").is_none() {
            bail!("a body's schema has a name, under which API Gateway keeps its model");
        }
        content.insert(media_type.clone(), json!({ "schema": schema }));
    }
    Ok(
        json!({ "required": body.get("required").and_then(Value::as_bool).unwrap_or(false), "content": content }),
    )
}

/// A path's private operations, as a resource policy names them.
pub(super) fn private_routes(path: &str, item: &Value) -> Vec<String> {
    let route: Vec<_> = path.split('/').map(|part| if part.starts_with('{') { "*" } else { part }).collect();
    let route = route.join("/");
    object(item)
        .filter(|(_, operation)| operation["security"][0].get(OPERATOR).is_some())
        .map(|(method, _)| format!("execute-api:/*/{}{route}", method.to_uppercase()))
        .collect()
}

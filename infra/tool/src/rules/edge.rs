//! Gateways and the distribution.

use serde_json::{Value, json};

use super::model::{Resource, list, text};
use super::{Finding, Rule, Template};

pub(super) const RULES: &[Rule] = &[
    Rule { name: "stage-unguarded", check: stage_unguarded },
    Rule { name: "route-without-answer", check: route_without_answer },
    Rule { name: "open-write", check: open_write },
    Rule { name: "open-private-route", check: open_private_route },
    Rule { name: "unchecked-requests", check: unchecked_requests },
    Rule { name: "dangling-schema", check: dangling_schema },
    Rule { name: "uncallable-function", check: uncallable_function },
    Rule { name: "open-distribution", check: open_distribution },
    Rule { name: "lax-content-policy", check: lax_content_policy },
];

/// Every method of every path of an API's body.
fn operations(api: Resource<'_>) -> impl Iterator<Item = (String, &str, &Value)> {
    let paths = api.property("Body")["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten().filter(|(_, operation)| operation.is_object());
        methods.map(move |(method, operation)| {
            (format!("{} {path}", method.to_uppercase()), method.as_str(), operation)
        })
    })
}

fn apis(template: &Template) -> impl Iterator<Item = Resource<'_>> {
    template.of_type("AWS::ApiGateway::RestApi")
}

fn stage_unguarded(template: &Template, findings: &mut Vec<Finding>) {
    for stage in template.of_type("AWS::ApiGateway::Stage") {
        if stage.property("AccessLogSetting")["DestinationArn"].is_null() {
            findings.push(Finding::new(stage.id, "requests leave no trace: AccessLogSetting"));
        }
        if stage.property("TracingEnabled") != &json!(true) {
            findings.push(Finding::new(stage.id, "TracingEnabled must be true"));
        }
        let settings = list(stage.property("MethodSettings"));
        let limited = |setting: &&Value| {
            let is_of_all = setting["ResourcePath"] == "/*" && setting["HttpMethod"] == "*";
            is_of_all
                && !setting["ThrottlingRateLimit"].is_null()
                && !setting["ThrottlingBurstLimit"].is_null()
        };
        if !settings.iter().any(limited) {
            findings.push(Finding::new(stage.id, "MethodSettings must throttle every method"));
        }
        if settings.iter().any(|setting| setting["DataTraceEnabled"] == json!(true)) {
            findings.push(Finding::new(stage.id, "DataTraceEnabled writes travellers' names into logs"));
        }
    }
}

fn route_without_answer(template: &Template, findings: &mut Vec<Finding>) {
    for api in apis(template) {
        if api.property("Body")["paths"].as_object().is_none_or(serde_json::Map::is_empty) {
            findings.push(Finding::new(api.id, "its Body has no paths: it must hold the whole contract"));
        }
        for (name, _, operation) in operations(api) {
            let integration = &operation["x-amazon-apigateway-integration"];
            if integration["type"] != "aws_proxy" || integration["httpMethod"] != "POST" {
                findings.push(Finding::new(api.id, format!("{name} has no aws_proxy integration by POST")));
            }
        }
    }
}

fn open_write(template: &Template, findings: &mut Vec<Finding>) {
    for api in apis(template) {
        for (name, method, operation) in operations(api) {
            let writes = ["post", "put", "patch", "delete"].contains(&method);
            if writes && list(&operation["security"]).is_empty() {
                findings
                    .push(Finding::new(api.id, format!("{name} writes for anybody: it needs `security`")));
            }
            for (scheme, _) in list(&operation["security"]).into_iter().filter_map(Value::as_object).flatten()
            {
                let scheme_body = &api.property("Body")["components"]["securitySchemes"][scheme.as_str()];
                if scheme_body["x-amazon-apigateway-authorizer"].is_null() && !is_signed(scheme_body) {
                    findings.push(Finding::new(
                        api.id,
                        format!("{name} asks `{scheme}`, which has no authorizer behind it"),
                    ));
                }
            }
        }
    }
}

/// Whether a security scheme requires requests signed by a role.
fn is_signed(scheme: &Value) -> bool {
    scheme["x-amazon-apigateway-authtype"] == "awsSigv4"
}

/// A signature authenticates the caller; the API's resource policy authorises it.
fn open_private_route(template: &Template, findings: &mut Vec<Finding>) {
    const MUST_NAME: [&str; 2] = ["aws:PrincipalOrgID", "aws:PrincipalAccount"];
    for api in apis(template) {
        let body = api.property("Body");
        let denied: Vec<_> = list(&body["x-amazon-apigateway-policy"]["Statement"])
            .into_iter()
            .filter(|statement| statement["Effect"] == "Deny" && text(&statement["Principal"]) == "*")
            .collect();
        for (name, method, operation) in operations(api) {
            let schemes = list(&operation["security"]).into_iter().filter_map(Value::as_object).flatten();
            let is_private = schemes
                .into_iter()
                .any(|(scheme, _)| is_signed(&body["components"]["securitySchemes"][scheme.as_str()]));
            let path = name.split(' ').nth(1).unwrap_or_default();
            let route: Vec<_> =
                path.split('/').map(|part| if part.starts_with('{') { "*" } else { part }).collect();
            let route = format!("execute-api:/*/{}{}", method.to_uppercase(), route.join("/"));
            for key in MUST_NAME.into_iter().filter(|_| is_private) {
                let is_shut = denied.iter().any(|statement| {
                    list(&statement["Resource"]).into_iter().any(|resource| text(resource) == route)
                        && !statement["Condition"]["StringNotEquals"][key].is_null()
                });
                if !is_shut {
                    let says = format!(
                        "{name} is private, but its API denies no stranger by {key}: any account may sign"
                    );
                    findings.push(Finding::new(api.id, says));
                }
            }
        }
    }
}

fn unchecked_requests(template: &Template, findings: &mut Vec<Finding>) {
    for api in apis(template) {
        let body = api.property("Body");
        let chosen = body["x-amazon-apigateway-request-validator"].as_str().unwrap_or_default();
        let validator = &body["x-amazon-apigateway-request-validators"][chosen];
        if validator["validateRequestBody"] != json!(true)
            || validator["validateRequestParameters"] != json!(true)
        {
            findings.push(Finding::new(
                api.id,
                "requests aren't checked: a validator of body and parameters must be chosen",
            ));
        }
    }
}

fn dangling_schema(template: &Template, findings: &mut Vec<Finding>) {
    fn walk(body: &Value, value: &Value, id: &str, findings: &mut Vec<Finding>) {
        match value {
            Value::Object(map) => {
                if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                    let target = reference.strip_prefix('#').and_then(|pointer| body.pointer(pointer));
                    if target.is_none() {
                        findings.push(Finding::new(id, format!("{reference} leads nowhere")));
                    }
                }
                map.values().for_each(|value| walk(body, value, id, findings));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(body, value, id, findings)),
            _ => {}
        }
    }
    for api in apis(template) {
        walk(api.property("Body"), api.property("Body"), api.id, findings);
    }
}

/// A gateway that may not call what it integrates with answers 500 to everything; a permission for another path is one.
fn uncallable_function(template: &Template, findings: &mut Vec<Finding>) {
    for api in apis(template) {
        let permissions: Vec<_> = template
            .of_type("AWS::Lambda::Permission")
            .filter(|permission| text(permission.property("Principal")) == "apigateway.amazonaws.com")
            .collect();
        for (name, method, operation) in operations(api) {
            let uri = &operation["x-amazon-apigateway-integration"]["uri"];
            let path = name.split(' ').nth(1).unwrap_or_default();
            let callable = permissions.iter().any(|permission| {
                let target = permission.property("FunctionName");
                let same = template.referred(target).is_some_and(|called| uri_calls(uri, called.id));
                same && covers(&text(permission.property("SourceArn")), api.id, method, path)
            });
            if !callable {
                findings.push(Finding::new(
                    api.id,
                    format!("{name} may not call its function: no Lambda permission covers it"),
                ));
            }
        }
    }
}

fn uri_calls(uri: &Value, id: &str) -> bool {
    uri.to_string().contains(&format!("\"Ref\":\"{id}\"")) || text(uri).contains(&format!("${{{id}"))
}

/// Whether `arn:...:${Api}/<stage>/<METHOD>/<path>` matches this operation; `*` matches any rest.
fn covers(source: &str, api: &str, method: &str, path: &str) -> bool {
    let Some((_, rest)) = source.split_once(&format!("${{{api}}}/")) else { return false };
    let Some((_stage, rest)) = rest.split_once('/') else { return rest == "*" };
    let asked = format!("{}{path}", method.to_uppercase());
    let mut asked = asked.split('/');
    let mut given = rest.split('/').peekable();
    while let Some(given_part) = given.next() {
        if given_part == "*" && given.peek().is_none() {
            return true;
        }
        match asked.next() {
            Some(part) if given_part == "*" || given_part == part => {}
            _ => return false,
        }
    }
    asked.next().is_none()
}

fn open_distribution(template: &Template, findings: &mut Vec<Finding>) {
    for distribution in template.of_type("AWS::CloudFront::Distribution") {
        let config = distribution.property("DistributionConfig");
        let mut says = |what: String| findings.push(Finding::new(distribution.id, what));
        if config["WebACLId"].is_null() {
            says("no firewall stands before it: WebACLId".to_owned());
        }
        for origin in list(&config["Origins"]) {
            let id = text(&origin["Id"]);
            if !origin["S3OriginConfig"].is_null() && origin["OriginAccessControlId"].is_null() {
                says(format!("the origin {id} needs OriginAccessControlId, or its bucket must be public"));
            }
            let custom = &origin["CustomOriginConfig"];
            if !custom.is_null() && custom["OriginProtocolPolicy"] != "https-only" {
                says(format!("the origin {id} is asked in the clear: https-only"));
            }
        }
        let default = list(&config["DefaultCacheBehavior"]);
        for behaviour in default.into_iter().chain(list(&config["CacheBehaviors"])) {
            let pattern = behaviour["PathPattern"].as_str().unwrap_or("the default");
            if behaviour["ViewerProtocolPolicy"] == "allow-all" || behaviour["ViewerProtocolPolicy"].is_null()
            {
                says(format!("{pattern} answers in the clear"));
            }
            if behaviour["ResponseHeadersPolicyId"].is_null() {
                says(format!("{pattern} has no ResponseHeadersPolicyId"));
            }
        }
        // They are the distribution's, not a behaviour's: an API's 404 would become a page.
        if !list(&config["CustomErrorResponses"]).is_empty() {
            says("CustomErrorResponses would replace the services' own refusals".to_owned());
        }
    }
}

fn lax_content_policy(template: &Template, findings: &mut Vec<Finding>) {
    for policy in template.of_type("AWS::CloudFront::ResponseHeadersPolicy") {
        let csp = text(
            &policy.property("ResponseHeadersPolicyConfig")["SecurityHeadersConfig"]["ContentSecurityPolicy"]
                ["ContentSecurityPolicy"],
        );
        if csp.is_empty() {
            continue;
        }
        for lax in ["'unsafe-inline'", "'unsafe-eval'", " *", " https: ", " http:"] {
            if csp.contains(lax) {
                findings
                    .push(Finding::new(policy.id, format!("the content security policy has {}", lax.trim())));
            }
        }
        for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            if !csp.contains(part) {
                findings.push(Finding::new(policy.id, format!("the content security policy lacks {part}")));
            }
        }
    }
}

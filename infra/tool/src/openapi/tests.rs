use serde_json::{Value, json};

use super::*;

fn gateway() -> Gateway {
    Gateway {
        contract: "api-types/contracts/things.openapi.json".to_owned(),
        function: "HttpFunction".to_owned(),
        user_pool_arn: Some(json!({ "Ref": "UserPoolArn" })),
        scopes: vec!["tern/member".to_owned()],
        is_private: false,
        operators: None,
    }
}

fn contract(schema: Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": { "title": "T", "version": "1" },
        "paths": { "/things": { "post": {
            "operationId": "make",
            "security": [{ "member": [] }],
            "parameters": [
                { "name": "Idempotency-Key", "in": "header", "required": true, "schema": { "type": "string" } },
                { "name": "from", "in": "query", "required": true, "schema": { "$ref": "#/components/schemas/Code" } },
            ],
            "requestBody": { "required": true, "content": { "application/json": {
                "schema": { "$ref": "#/components/schemas/Thing" } } } },
            "responses": { "201": { "content": { "application/json": { "schema": {
                "$ref": "#/components/schemas/Reply" } } } } },
        } } },
        "components": {
            "securitySchemes": { "member": { "type": "http", "scheme": "bearer" } },
            "schemas": {
                "Thing": schema,
                "Code": { "type": "string", "pattern": "^[A-Z]{3}$", "description": "A code", "format": "code" },
                "Reply": { "oneOf": [{ "type": "string" }, { "type": "null" }] },
            },
        },
    })
}

fn lowered(schema: Value) -> Value {
    lower(&contract(schema), &gateway()).unwrap()
}

/// The model of a thing that has this property `it`.
fn lowered_property(property: &Value) -> Value {
    let thing = json!({ "type": "object", "properties": { "it": property } });
    lowered(thing)["components"]["schemas"]["Thing"]["properties"]["it"].take()
}

#[test]
fn a_request_keeps_what_draft_4_can_check_and_loses_the_rest() {
    let lowered = lowered(json!({
        "type": "object", "required": ["code"], "description": "A thing",
        "properties": {
            "code": { "$ref": "#/components/schemas/Code", "description": "Its code" },
            "short": { "$ref": "#/components/schemas/Code", "maxLength": 2 },
            "kind": { "const": "x" },
            "count": { "type": "integer", "format": "int32", "minimum": 1 },
        },
    }));
    let code = json!({ "$ref": "#/components/schemas/Code" });
    assert_eq!(
        lowered["components"]["schemas"],
        json!({
            "Code": { "type": "string", "pattern": "^[A-Z]{3}$" },
            "Thing": {
                "type": "object", "required": ["code"],
                "properties": {
                    "code": code,
                    "short": { "allOf": [code, { "maxLength": 2 }] },
                    "kind": { "enum": ["x"] },
                    "count": { "type": "integer", "minimum": 1 },
                },
            },
        })
    );
}

#[test]
fn what_a_gateway_cant_check_in_a_request_fails_with_its_place() {
    for (property, said) in [
        (json!({ "type": ["string", "integer"] }), "`type` is a list"),
        (json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }] }), "`oneOf`"),
        (
            json!({ "oneOf": [{ "type": "null" }, { "type": "integer", "exclusiveMaximum": 9 }] }),
            "`exclusiveMaximum`",
        ),
        (json!({ "type": "null" }), "`type: null`"),
        (json!({ "oneOf": [{ "type": "string" }] }), "`oneOf`"),
        (json!({ "anyOf": [{ "type": "string" }] }), "`anyOf`"),
        (json!({ "type": "integer", "exclusiveMinimum": 0 }), "`exclusiveMinimum`"),
        (json!({ "additionalProperties": { "type": "string" } }), "`additionalProperties`"),
        (json!({ "type": "string", "pattern": "^(?<year>[0-9]{4})$" }), "the pattern"),
        (json!({ "$ref": "other.json#/Thing" }), "leaves"),
        (json!({ "$ref": "#/components/schemas/Missing" }), "not among the components"),
        (json!({ "contentEncoding": "base64" }), "`contentEncoding` is not known"),
        (json!(true), "`true` or `false`"),
    ] {
        let contract = contract(json!({ "type": "object", "properties": { "it": property } }));
        let error = format!("{:#}", lower(&contract, &gateway()).unwrap_err());
        assert!(
            error.contains(said) && error.contains("path /things: POST") && error.contains("property it"),
            "{error}"
        );
    }
}

#[test]
fn of_what_may_be_null_the_gateway_checks_nothing() {
    for property in [
        json!({ "type": ["string", "null"], "maxLength": 3 }),
        json!({ "oneOf": [{ "$ref": "#/components/schemas/Code" }, { "type": "null" }] }),
        json!({ "anyOf": [{ "type": "null" }, { "type": "string" }] }),
    ] {
        assert_eq!(lowered_property(&property), json!({}), "{property}");
    }
}

#[test]
fn a_schema_may_contain_itself() {
    let own = json!({ "$ref": "#/components/schemas/Thing" });
    assert_eq!(lowered_property(&own), own);
}

#[test]
fn replies_leave_no_models_behind() {
    let lowered = lowered(json!({ "type": "object" }));
    assert!(lowered["components"]["schemas"].get("Reply").is_none());
}

#[test]
fn members_operations_ask_the_user_pool_and_others_nobody() {
    let mut contract = contract(json!({ "type": "object" }));
    contract["paths"]["/open"] = json!({ "get": { "operationId": "look" } });
    let lowered = lower(&contract, &gateway()).unwrap();
    assert_eq!(lowered["paths"]["/things"]["post"]["security"], json!([{ "member": ["tern/member"] }]));
    assert!(lowered["paths"]["/open"]["get"].get("security").is_none());
    let authorizer = &lowered["components"]["securitySchemes"]["member"]["x-amazon-apigateway-authorizer"];
    assert_eq!(authorizer["providerARNs"], json!([{ "Ref": "UserPoolArn" }]));
}

#[test]
fn a_parameter_with_a_problem_code_of_its_own_is_left_to_the_service() {
    let lowered = lowered(json!({ "type": "object" }));
    let required = |name: &str| {
        let parameters = lowered["paths"]["/things"]["post"]["parameters"].as_array().unwrap();
        parameters.iter().find(|parameter| parameter["name"] == name).unwrap()["required"].as_bool().unwrap()
    };
    assert!(required("from") && !required("Idempotency-Key"));
}

#[test]
fn paths_and_documents_that_api_gateway_misreads_are_refused() {
    let broken = |change: fn(&mut Value)| {
        let mut contract = contract(json!({ "type": "object" }));
        change(&mut contract);
        format!("{:#}", lower(&contract, &gateway()).unwrap_err())
    };
    for (error, said) in [
        (broken(|c| c["openapi"] = json!("3.0.3")), "3.1 was expected"),
        (broken(|c| c["security"] = json!([])), "`security` at the root"),
        (broken(|c| c["paths"]["/a/b{c}"] = json!({})), "the segment `b{c}`"),
        (broken(|c| c["paths"]["/a"] = json!({ "get": {} })), "no operationId"),
        (broken(|c| c["paths"]["/a"] = json!({ "trace": {} })), "`trace`"),
        (
            broken(|c| c["components"]["securitySchemes"]["key"] = json!({ "type": "apiKey" })),
            "security scheme key",
        ),
        (broken(|c| c["paths"] = json!({})), "no paths"),
    ] {
        assert!(error.contains(said), "{error}");
    }
}

/// The contract with one more route, which operators alone may call.
fn with_private_route() -> Value {
    let mut contract = contract(json!({ "type": "object" }));
    contract["components"]["securitySchemes"]["operator"] =
        json!({ "type": "apiKey", "in": "header", "name": "Authorization" });
    contract["paths"]["/things/{id}/history"] = json!({ "get": {
        "operationId": "history", "security": [{ "operator": [] }],
        "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }],
        "responses": {},
    } });
    contract
}

#[test]
fn a_private_route_is_open_to_named_accounts_of_the_organisation_alone() {
    let operators = Operators { organization: json!("o-1"), accounts: json!(["111111111111"]) };
    let lowered = lower(&with_private_route(), &Gateway { operators: Some(operators), ..gateway() }).unwrap();
    assert_eq!(lowered["paths"]["/things/{id}/history"]["get"]["security"], json!([{ "operator": [] }]));
    assert_eq!(
        lowered["components"]["securitySchemes"]["operator"]["x-amazon-apigateway-authtype"],
        "awsSigv4"
    );
    let statements = lowered["x-amazon-apigateway-policy"]["Statement"].as_array().unwrap();
    let denied: Vec<_> = statements.iter().filter(|statement| statement["Effect"] == "Deny").collect();
    assert_eq!(denied.len(), 2);
    for statement in &denied {
        assert_eq!(statement["Resource"], json!(["execute-api:/*/GET/things/*/history"]));
    }
    assert_eq!(
        denied.iter().map(|statement| statement["Condition"]["StringNotEquals"].clone()).collect::<Vec<_>>(),
        [json!({ "aws:PrincipalOrgID": "o-1" }), json!({ "aws:PrincipalAccount": ["111111111111"] })]
    );
}

#[test]
fn a_private_route_needs_callers() {
    let error = format!("{:#}", lower(&with_private_route(), &gateway()).unwrap_err());
    assert!(error.contains("execute-api:/*/GET/things/*/history is private"), "{error}");
    let open = lowered(json!({ "type": "object" }));
    assert!(
        open.get("x-amazon-apigateway-policy").is_none(),
        "an API without private routes needs no policy"
    );
}

#[test]
fn the_gateways_own_refusals_are_problems_as_the_services_write_them() {
    let lowered = lowered(json!({ "type": "object" }));
    let mut seen = 0;
    for (kind, refusal) in object(&lowered["x-amazon-apigateway-gateway-responses"]) {
        let body = refusal["responseTemplates"]["application/json"].as_str().unwrap();
        let problem: api_types::Problem = serde_json::from_str(body).unwrap();
        assert_eq!(refusal["statusCode"], problem.code.status(), "{kind}");
        assert_eq!(
            refusal["responseParameters"]["gatewayresponse.header.Content-Type"],
            "'application/problem+json'"
        );
        seen += 1;
    }
    assert!(seen > 0);
}

#[test]
fn a_route_that_the_descriptor_contradicts_is_refused() {
    let schema = || json!({ "type": "object" });
    let private = lower(&with_private_route(), &Gateway { is_private: true, ..gateway() });
    assert!(format!("{:#}", private.unwrap_err()).contains("the service is private, but the route lacks"));
    let without_members = lower(&contract(schema()), &Gateway { user_pool_arn: None, ..gateway() });
    assert!(format!("{:#}", without_members.unwrap_err()).contains("doesn't list members in `calls`"));
}

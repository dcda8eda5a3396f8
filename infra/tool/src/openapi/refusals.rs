use api_types::{Problem, ProblemCode as Code};
use serde_json::{Map, Value, json};

/// The gateway's own refusals, with the services' codes and details.
///
/// The two defaults stand for all that is not named; a 4xx or 5xx of theirs becomes their code's own status.
const REFUSALS: [(&str, Code, &str); 12] = [
    ("BAD_REQUEST_BODY", Code::InvalidBody, "The body doesn't have the shape that the contract gives it."),
    ("BAD_REQUEST_PARAMETERS", Code::InvalidRequest, "A query parameter that is needed is missing."),
    ("UNAUTHORIZED", Code::Unauthenticated, "Send a valid access token as Authorization: Bearer."),
    ("EXPIRED_TOKEN", Code::Unauthenticated, "The access token has ended: sign in again."),
    ("INVALID_SIGNATURE", Code::Unauthenticated, "The signature is not valid."),
    ("MISSING_AUTHENTICATION_TOKEN", Code::NotFound, "There is no such path or method."),
    ("RESOURCE_NOT_FOUND", Code::NotFound, "There is no such path or method."),
    ("REQUEST_TOO_LARGE", Code::BodyTooLarge, "The body is too large."),
    ("UNSUPPORTED_MEDIA_TYPE", Code::UnsupportedMediaType, "Send JSON with Content-Type: application/json."),
    ("THROTTLED", Code::Busy, "Too many requests at once: try again in a moment."),
    ("DEFAULT_4XX", Code::InvalidRequest, "The request was refused."),
    ("DEFAULT_5XX", Code::Internal, "Something went wrong: try again in a moment."),
];

/// `x-amazon-apigateway-gateway-responses`.
pub(super) fn all() -> Value {
    let refusals = REFUSALS.iter().map(|(kind, code, detail)| ((*kind).to_owned(), refusal(*code, detail)));
    Value::Object(refusals.collect::<Map<_, _>>())
}

fn refusal(code: Code, detail: &str) -> Value {
    let mut problem = Problem::new(code, detail);
    problem.request_id = Some("$context.requestId".to_owned());
    let mut headers = Map::from_iter([
        header("Content-Type", "application/problem+json"),
        header("Cache-Control", "no-store"),
    ]);
    match code {
        Code::Unauthenticated => headers.extend([header("WWW-Authenticate", "Bearer")]),
        Code::Busy => headers.extend([header("Retry-After", "1")]),
        _ => {}
    }
    json!({
        "statusCode": code.status(),
        "responseParameters": headers,
        "responseTemplates": { "application/json": json!(problem).to_string() },
    })
}

fn header(name: &str, value: &str) -> (String, Value) {
    (format!("gatewayresponse.header.{name}"), json!(format!("'{value}'")))
}

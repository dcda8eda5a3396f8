use api_types::{Problem, ProblemCode};
use serde_json::{Map, Value, json};

/// The gateway's own refusals, with the services' codes and details.
///
/// The two defaults stand for all that is not named; a 4xx or 5xx of theirs becomes their code's own status.
const REFUSALS: [(&str, ProblemCode, &str); 12] = [
    (
        "BAD_REQUEST_BODY",
        ProblemCode::InvalidBody,
        "The body doesn't have the shape that the contract gives it.",
    ),
    ("BAD_REQUEST_PARAMETERS", ProblemCode::InvalidRequest, "A query parameter that is needed is missing."),
    ("UNAUTHORIZED", ProblemCode::Unauthenticated, "Send a valid access token as Authorization: Bearer."),
    ("EXPIRED_TOKEN", ProblemCode::Unauthenticated, "The access token has ended: sign in again."),
    ("INVALID_SIGNATURE", ProblemCode::Unauthenticated, "The signature is not valid."),
    ("MISSING_AUTHENTICATION_TOKEN", ProblemCode::NotFound, "There is no such path or method."),
    ("RESOURCE_NOT_FOUND", ProblemCode::NotFound, "There is no such path or method."),
    ("REQUEST_TOO_LARGE", ProblemCode::BodyTooLarge, "The body is too large."),
    (
        "UNSUPPORTED_MEDIA_TYPE",
        ProblemCode::UnsupportedMediaType,
        "Send JSON with Content-Type: application/json.",
    ),
    ("THROTTLED", ProblemCode::Busy, "Too many requests at once: try again in a moment."),
    ("DEFAULT_4XX", ProblemCode::InvalidRequest, "The request was refused."),
    ("DEFAULT_5XX", ProblemCode::Internal, "Something went wrong: try again in a moment."),
];

/// `x-amazon-apigateway-gateway-responses`.
pub(super) fn all() -> Value {
    let refusals = REFUSALS.iter().map(|(kind, code, detail)| ((*kind).to_owned(), refusal(*code, detail)));
    Value::Object(refusals.collect::<Map<_, _>>())
}

fn refusal(code: ProblemCode, detail: &str) -> Value {
    let mut problem = Problem::new(code, detail);
    problem.request_id = Some("$context.requestId".to_owned());
    let mut headers = Map::from_iter([
        header("Content-Type", "application/problem+json"),
        header("Cache-Control", "no-store"),
    ]);
    match code {
        ProblemCode::Unauthenticated => headers.extend([header("WWW-Authenticate", "Bearer")]),
        ProblemCode::Busy => headers.extend([header("Retry-After", "1")]),
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

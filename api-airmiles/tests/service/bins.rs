//! The Lambda binaries, each answering a real invocation through a stub of the Runtime API.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use api_airmiles::audit::prove;
use api_types::Miles;
use embedded_dynamo::LoopbackServer;
use lambda_simulator::Simulator;
use serde_json::{Value, json};
use service_kit::testing::{ProcessLines, XRayDaemon};

use crate::common::{Fixture, TABLE, booking, event, member};

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A binary, running until it is dropped.
pub(crate) struct Function {
    process: Child,
    simulator: Simulator,
    /// What it sends to X-Ray.
    pub(crate) daemon: XRayDaemon,
    /// What it logs.
    pub(crate) lines: ProcessLines,
    /// Serves the table to it.
    _store: LoopbackServer,
}

impl Function {
    /// One whose table may not be there.
    pub(crate) async fn start(binary: &str, fixture: &Fixture, table: &str) -> Self {
        let simulator = Simulator::builder().function_name("airmiles").build().await.unwrap();
        let daemon = XRayDaemon::listen();
        let store = fixture.dynamo.serve().await;
        let mut process = Command::new(binary)
            .env_clear()
            .envs(simulator.lambda_env_vars())
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_ENDPOINT_URL", store.endpoint())
            .env("AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH", "true")
            .env("AWS_XRAY_DAEMON_ADDRESS", daemon.address().to_string())
            .env("ENVIRONMENT", "dev")
            .env("TABLE_NAME", table)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = ProcessLines::read(process.stdout.take().unwrap());
        Self { process, simulator, daemon, lines, _store: store }
    }

    pub(crate) async fn invoke(&self, payload: Value) -> Value {
        let id = self.simulator.enqueue_payload(payload).await;
        let state = self.simulator.wait_for_invocation_complete(&id, PATIENCE).await.unwrap();
        assert!(state.error.is_none(), "{:?}", state.error);
        state.response.unwrap().payload
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// What the queue's event source mapping sends.
pub(crate) fn queue_payload(bodies: &[(&str, String)]) -> Value {
    let records = bodies.iter().map(|(message_id, body)| {
        json!({
            "messageId": message_id,
            "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
            "body": body,
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1795253399800",
                "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                "ApproximateFirstReceiveTimestamp": "1795253399810"
            },
            "messageAttributes": {},
            "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:airmiles-bookings",
            "awsRegion": "eu-west-1"
        })
    });
    json!({ "Records": records.collect::<Vec<_>>() })
}

/// What API Gateway's REST proxy integration sends, with what its Cognito authorizer verified.
pub(crate) fn gateway_payload(path: &str, subject: Option<&str>) -> Value {
    let authorizer = subject.map_or(json!(null), |sub| {
        json!({ "claims": { "sub": sub, "token_use": "access", "iss": "https://cognito-idp.eu-west-1.amazonaws.com/p" } })
    });
    json!({
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": "GET",
        "headers": {
            "Accept": "application/json",
            "Host": "api.example.com",
            "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        },
        "multiValueHeaders": { "Accept": ["application/json"], "Host": ["api.example.com"] },
        "queryStringParameters": null,
        "multiValueQueryStringParameters": null,
        "pathParameters": { "proxy": path.trim_start_matches('/') },
        "stageVariables": null,
        "requestContext": {
            "resourceId": "2gxmpl",
            "resourcePath": "/{proxy+}",
            "httpMethod": "GET",
            "path": format!("/prod{path}"),
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": "prod",
            "requestTimeEpoch": 1_795_253_400_000_u64,
            "requestId": "e3d5a5b0-0000-4000-8000-000000000000",
            "identity": { "sourceIp": "192.0.2.1", "userAgent": "Mozilla/5.0" },
            "authorizer": authorizer,
            "domainName": "api.example.com",
            "apiId": "1234567890"
        },
        "body": null,
        "isBase64Encoded": false
    })
}

#[tokio::test]
async fn the_event_function_applies_a_batch_and_names_what_failed() {
    let fixture = Fixture::start().await;
    let function = Function::start(env!("CARGO_BIN_EXE_airmiles-events"), &fixture, TABLE).await;
    let good = serde_json::to_string(&event(&booking("amelia-okafor", "K7QZ4M"), 1)).unwrap();

    let reply = function.invoke(queue_payload(&[("m-1", good), ("m-2", "not an event".to_owned())])).await;

    assert_eq!(reply, json!({ "batchItemFailures": [{ "itemIdentifier": "m-2" }] }));
    let proof = prove(fixture.store(), &member("amelia-okafor")).await.unwrap();
    assert_eq!((proof.account.pending, proof.account.balance), (Miles(5124), Miles(0)));
}

#[tokio::test]
async fn the_http_function_answers_the_member_whom_the_authorizer_verified() {
    let fixture = Fixture::start().await;
    let events = Function::start(env!("CARGO_BIN_EXE_airmiles-events"), &fixture, TABLE).await;
    let good = serde_json::to_string(&event(&booking("amelia-okafor", "K7QZ4M"), 1)).unwrap();
    assert_eq!(events.invoke(queue_payload(&[("m-1", good)])).await, json!({ "batchItemFailures": [] }));
    let function = Function::start(env!("CARGO_BIN_EXE_airmiles-http"), &fixture, TABLE).await;

    for (path, subject, status, field, value) in [
        ("/airmiles/K7QZ4M", Some("amelia-okafor"), 200, "total", json!(5124)),
        ("/airmiles/K7QZ4M", Some("kenji-mori"), 404, "code", json!("miles_not_found")),
        ("/airmiles/K7QZ4M", None, 401, "code", json!("unauthenticated")),
        ("/account", Some("amelia-okafor"), 200, "pending", json!(5124)),
    ] {
        let reply = function.invoke(gateway_payload(path, subject)).await;
        assert_eq!(reply["statusCode"], status, "{path} by {subject:?}: {reply}");
        let body: Value = serde_json::from_str(reply["body"].as_str().unwrap()).unwrap();
        assert_eq!(body[field], value, "{path} by {subject:?}: {body}");
    }
}

#[test]
fn a_function_without_its_table_s_name_says_so_and_ends() {
    for binary in [env!("CARGO_BIN_EXE_airmiles-events"), env!("CARGO_BIN_EXE_airmiles-http")] {
        let ended = Command::new(binary)
            .env_clear()
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9")
            .output()
            .unwrap();
        assert!(!ended.status.success());
        assert!(String::from_utf8_lossy(&ended.stderr).contains("TABLE_NAME"), "{ended:?}");
    }
}

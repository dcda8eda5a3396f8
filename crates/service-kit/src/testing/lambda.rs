use std::process::{Child, Command, Stdio};
use std::time::Duration;

use lambda_simulator::{InvocationStatus, Simulator};
use serde_json::{Value, json};

use super::{FakeXRayDaemon, ProcessLines};

/// A function's binary, run against a simulated Lambda Runtime API until it is dropped.
pub struct LambdaProcess {
    process: Child,
    simulator: Simulator,
    /// The segments it sends to X-Ray.
    pub daemon: FakeXRayDaemon,
    /// The lines it logs.
    pub lines: ProcessLines,
}

impl LambdaProcess {
    /// The time limit of an invocation, and of waiting for lines and segments.
    pub const TIME_LIMIT: Duration = Duration::from_secs(30);

    /// Starts `binary` of `service` with AWS at `endpoint`, the environment that Lambda gives, and `variables`.
    ///
    /// # Panics
    /// When it can't be started.
    pub async fn start(service: &str, binary: &str, endpoint: &str, variables: &[(&str, &str)]) -> Self {
        let simulator = Simulator::builder().function_name(service).build().await;
        let simulator = simulator.expect("loopback has a free port for the Runtime API");
        let daemon = FakeXRayDaemon::start();
        let mut process = Command::new(binary)
            .env_clear()
            .envs(simulator.lambda_env_vars())
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH", "true")
            .env("AWS_XRAY_DAEMON_ADDRESS", daemon.address().to_string())
            .env("ENVIRONMENT", "dev")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{binary}: {error}"));
        let lines = ProcessLines::read(process.stdout.take().expect("its output is piped"));
        Self { process, simulator, daemon, lines }
    }

    /// Invokes the function, and returns its result.
    ///
    /// # Panics
    /// When it fails, or takes longer than [`TIME_LIMIT`](Self::TIME_LIMIT).
    pub async fn invoke(&self, payload: Value) -> Value {
        match self.try_invoke(payload).await {
            Ok(result) => result,
            Err(error) => panic!("{error}"),
        }
    }

    /// Invokes the function, and returns its result or the error that it reports to Lambda.
    ///
    /// # Errors
    /// When the function reports one.
    ///
    /// # Panics
    /// When it takes longer than [`TIME_LIMIT`](Self::TIME_LIMIT).
    pub async fn try_invoke(&self, payload: Value) -> Result<Value, String> {
        let id = self.simulator.enqueue_payload(payload).await;
        let state = self.simulator.wait_for_invocation_complete(&id, Self::TIME_LIMIT).await;
        let state = state.unwrap_or_else(|error| panic!("no answer to the invocation: {error}"));
        if state.status == InvocationStatus::Error {
            return Err(format!("{:?}", state.error));
        }
        Ok(state.response.expect("a successful invocation has a response").payload)
    }

    /// Runs `binary` with `variables` only, expects that it fails at once, and returns its standard error.
    ///
    /// # Panics
    /// When it can't be started, or succeeds.
    #[must_use]
    pub fn fails_to_start(binary: &str, variables: &[(&str, &str)]) -> String {
        let command = &mut Command::new(binary);
        let output = command.env_clear().envs(variables.iter().copied()).output();
        let output = output.unwrap_or_else(|error| panic!("{binary}: {error}"));
        assert!(!output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

impl Drop for LambdaProcess {
    fn drop(&mut self) {
        // Both fail only for a process that has ended already.
        if self.process.kill().is_ok() {
            self.process.wait().ok();
        }
    }
}

/// The event of API Gateway's REST proxy integration behind a Cognito authorizer, which verified `member`, if any.
#[must_use]
pub fn gateway_request(
    method: &str,
    path: &str,
    query: &[(&str, &str)],
    member: Option<&str>,
    body: Option<&Value>,
) -> Value {
    let headers = [
        ("Content-Type", "application/json"),
        ("Host", "api.example.com"),
        ("Idempotency-Key", "0b1c4d5e-0000-4000-8000-000000000001"),
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    ];
    let claims = member.map(|member| {
        json!({ "claims": {
            "sub": member,
            "token_use": "access",
            "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example",
            "exp": "Sat Nov 21 13:00:00 UTC 2026",
        }})
    });
    json!({
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": single(&headers),
        "multiValueHeaders": multi(&headers),
        "queryStringParameters": single(query),
        "multiValueQueryStringParameters": multi(query),
        "pathParameters": { "proxy": path.trim_start_matches('/') },
        "stageVariables": null,
        "requestContext": {
            "resourceId": "2gxmpl",
            "resourcePath": "/{proxy+}",
            "httpMethod": method,
            "path": format!("/prod{path}"),
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": "prod",
            "requestTimeEpoch": 1_795_253_400_000_u64,
            "requestId": "e3d5a5b0-0000-4000-8000-000000000000",
            "identity": { "sourceIp": "192.0.2.1", "userAgent": "Mozilla/5.0" },
            "authorizer": claims,
            "domainName": "api.example.com",
            "apiId": "1234567890",
        },
        "body": body.map(Value::to_string),
        "isBase64Encoded": false,
    })
}

fn single(pairs: &[(&str, &str)]) -> Value {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
}

fn multi(pairs: &[(&str, &str)]) -> Value {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), json!([value]))).collect()
}

/// The event of an SQS event source mapping: message ids with their bodies, each received for the first time.
#[must_use]
pub fn queue_batch(messages: &[(&str, &str)]) -> Value {
    let records = messages.iter().map(|(message_id, body)| {
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
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:events",
            "awsRegion": "eu-west-1"
        })
    });
    json!({ "Records": records.collect::<Vec<_>>() })
}

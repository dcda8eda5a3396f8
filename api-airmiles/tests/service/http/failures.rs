//! A database that fails.

use api_airmiles::http::router;
use api_airmiles::{App, AppParts};
use serde_json::json;
use service_kit::Clock;
use service_kit::aws::{AwsEnv, dynamodb};
use service_kit::testing::{self, call};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::harness::{TABLE, now};

/// Airmiles on a database that answers every request with `error_type`.
async fn on_failing_database(error_type: &str) -> App {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let body = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{error_type}") }).to_string();
    let head =
        format!("HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            assert!(connection.read(&mut [0; 8192]).await.unwrap() > 0);
            connection.write_all((head.clone() + &body).as_bytes()).await.unwrap();
        }
    });
    let dynamodb = dynamodb(&AwsEnv::emulated(endpoint));
    App::new(AppParts { dynamodb, table: TABLE.to_owned(), clock: Clock::fixed(now()) })
}

#[tokio::test]
async fn a_throttled_request_is_busy_and_any_other_failure_is_internal() {
    for (error_type, status, code) in
        [("ThrottlingException", 503, "busy"), ("ResourceNotFoundException", 500, "internal")]
    {
        let router = router(on_failing_database(error_type).await);
        let reply = call(&router, Some("noor-haddad"), testing::get("/account")).await;
        assert_eq!(reply.refusal(), (status, code.to_owned()), "{error_type}");
        assert_eq!(reply.headers.contains_key("retry-after"), status == 503);
        assert!(!reply.text.contains(error_type), "{}", reply.text);
    }
}

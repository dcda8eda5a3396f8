//! The Lambda binaries, each answering real invocations of a simulated Runtime API.

use std::ops::Deref;

use api_airmiles::apply_booking::apply_booking;
use api_airmiles::audit::prove;
use api_types::Miles;
use embedded_dynamo::LoopbackServer;
use serde_json::{Value, json};
use service_kit::testing::{LambdaProcess, gateway_request, queue_batch};

use crate::harness::{Fixture, TABLE, booking, event, fact, member, now};

/// A binary of Airmiles, running until it is dropped.
pub(crate) struct Function {
    process: LambdaProcess,
    _store: LoopbackServer,
}

impl Function {
    /// Starts `binary` on `table`, which may not exist.
    pub(crate) async fn start(binary: &str, fixture: &Fixture, table: &str) -> Self {
        let store = fixture.dynamo.serve().await;
        let variables = [("TABLE_NAME", table)];
        let process = LambdaProcess::start("airmiles", binary, store.endpoint(), &variables).await;
        Self { process, _store: store }
    }
}

impl Deref for Function {
    type Target = LambdaProcess;

    fn deref(&self) -> &LambdaProcess {
        &self.process
    }
}

#[tokio::test]
async fn the_event_function_applies_a_batch_and_names_what_failed() {
    let fixture = Fixture::start().await;
    let function = Function::start(env!("CARGO_BIN_EXE_airmiles-events"), &fixture, TABLE).await;
    let good = serde_json::to_string(&event(&booking("amelia-okafor", "K7QZ4M"), 1)).unwrap();

    let reply = function.invoke(queue_batch(&[("m-1", &good), ("m-2", "not an event")])).await;

    assert_eq!(reply, json!({ "batchItemFailures": [{ "itemIdentifier": "m-2" }] }));
    let proof = prove(fixture.store(), &member("amelia-okafor")).await.unwrap();
    assert_eq!((proof.account.pending, proof.account.balance), (Miles(5124), Miles(0)));
}

#[tokio::test]
async fn the_http_function_answers_the_member_whom_the_authorizer_verified() {
    let fixture = Fixture::start().await;
    let events = Function::start(env!("CARGO_BIN_EXE_airmiles-events"), &fixture, TABLE).await;
    let good = serde_json::to_string(&event(&booking("amelia-okafor", "K7QZ4M"), 1)).unwrap();
    assert_eq!(events.invoke(queue_batch(&[("m-1", &good)])).await, json!({ "batchItemFailures": [] }));
    let function = Function::start(env!("CARGO_BIN_EXE_airmiles-http"), &fixture, TABLE).await;

    for (path, subject, status, field, value) in [
        ("/airmiles/K7QZ4M", Some("amelia-okafor"), 200, "total", json!(5124)),
        ("/airmiles/K7QZ4M", Some("kenji-mori"), 404, "code", json!("miles_not_found")),
        ("/airmiles/K7QZ4M", None, 401, "code", json!("unauthenticated")),
        ("/account", Some("amelia-okafor"), 200, "pending", json!(5124)),
    ] {
        let reply = function.invoke(gateway_request("GET", path, &[], subject, None)).await;
        assert_eq!(reply["statusCode"], status, "{path} by {subject:?}: {reply}");
        let body: Value = serde_json::from_str(reply["body"].as_str().unwrap()).unwrap();
        assert_eq!(body[field], value, "{path} by {subject:?}: {body}");
    }
}

#[tokio::test]
async fn the_compare_function_names_the_bookings_that_differ() {
    let fixture = Fixture::start().await;
    for (locator, version) in [("AAAAAA", 1), ("BBBBBB", 1)] {
        let applied = fact(&booking("amelia-okafor", locator), version);
        apply_booking(fixture.store(), &applied, "m-1", now()).await.unwrap();
    }
    let function = Function::start(env!("CARGO_BIN_EXE_airmiles-compare"), &fixture, TABLE).await;
    let listed = |locator, version| json!({ "record_locator": locator, "member_id": "amelia-okafor", "version": version, "status": "confirmed" });
    let page = json!({ "bookings": [listed("AAAAAA", 1), listed("BBBBBB", 2), listed("CCCCCC", 1)], "next": "more" });
    assert_eq!(
        function.invoke(page).await,
        json!({ "compared": 3, "differences": [
            { "record_locator": "BBBBBB", "difference": "behind", "booked_version": 2, "applied_version": 1 },
            { "record_locator": "CCCCCC", "difference": "missing", "booked_version": 1, "applied_version": null },
        ] })
    );
    assert!(function.try_invoke(json!({ "hello": "world" })).await.is_err());
}

#[test]
fn a_function_without_its_table_s_name_fails_and_names_the_variable() {
    for binary in [
        env!("CARGO_BIN_EXE_airmiles-compare"),
        env!("CARGO_BIN_EXE_airmiles-events"),
        env!("CARGO_BIN_EXE_airmiles-http"),
    ] {
        let variables = [
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9"),
        ];
        let stderr = LambdaProcess::fails_to_start(binary, &variables);
        assert!(stderr.contains("TABLE_NAME"), "{stderr}");
    }
}

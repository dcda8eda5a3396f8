//! Transactions that DynamoDB cancels for reasons that the embedded store never gives: conflicts, throttling, others.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use service_kit::aws::{AwsEnv, dynamodb};
use tokio::net::TcpListener;

use crate::harness::{KENJI, Reply, Shop, book_at, request};

#[derive(Clone, Default)]
struct Script {
    /// The reasons for which the next transactions are cancelled; after that, they pass.
    cancellations: Arc<Mutex<VecDeque<[&'static str; 4]>>>,
    transactions: Arc<Mutex<Vec<Value>>>,
}

async fn answer(State(script): State<Script>, headers: HeaderMap, body: String) -> (StatusCode, String) {
    if !headers["x-amz-target"].to_str().unwrap().ends_with("TransactWriteItems") {
        return (StatusCode::OK, json!({ "Count": 0, "ScannedCount": 0, "Items": [] }).to_string());
    }
    script.transactions.lock().unwrap().push(serde_json::from_str(&body).unwrap());
    let Some(reasons) = script.cancellations.lock().unwrap().pop_front() else {
        return (StatusCode::OK, "{}".to_owned());
    };
    let cancelled = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": format!("Transaction cancelled, please refer cancellation reasons [{}]", reasons.join(", ")),
        "CancellationReasons": reasons.map(|code| json!({ "Code": code })),
    });
    (StatusCode::BAD_REQUEST, cancelled.to_string())
}

/// Books once while the store cancels as `cancellations` say; the reply, and the transactions that were sent.
async fn book_while(cancellations: Vec<[&'static str; 4]>) -> (Reply, Vec<Value>) {
    let shop = Shop::open().await;
    let script = Script { cancellations: Arc::new(Mutex::new(cancellations.into())), ..Script::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let routes = Router::new().route("/", post(answer)).with_state(script.clone());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let counter = shop.another_counter(dynamodb(&AwsEnv::emulated(endpoint)));
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let reply = book_at(&counter, KENJI, "key", &request(&[&offer], &["adult"])).await;
    let sent = script.transactions.lock().unwrap().clone();
    (reply, sent)
}

/// The sort or partition key of what a transaction puts in its `position`.
fn key(transaction: &Value, position: usize, name: &str) -> String {
    transaction["TransactItems"][position]["Put"]["Item"][name]["S"].as_str().unwrap().to_owned()
}

const CONFLICT: [&str; 4] = ["None", "None", "TransactionConflict", "None"];

#[tokio::test]
async fn a_transaction_cancelled_by_conflicts_alone_is_repeated_unchanged() {
    let (reply, sent) = book_while(vec![CONFLICT, CONFLICT]).await;
    assert_eq!((reply.status, sent.len()), (StatusCode::CREATED, 3), "{}", reply.text);
    assert!(sent.iter().all(|transaction| *transaction == sent[0]), "token, locator and seats are the same");
    assert!(sent[0]["ClientRequestToken"].as_str().is_some_and(|token| token.len() == 36));
}

#[tokio::test]
async fn a_taken_seat_is_replaced_under_another_token() {
    let (reply, sent) = book_while(vec![["None", "None", "ConditionalCheckFailed", "None"]]).await;
    assert_eq!((reply.status, sent.len()), (StatusCode::CREATED, 2), "{}", reply.text);
    assert_ne!(key(&sent[0], 2, "sk"), key(&sent[1], 2, "sk"));
    assert_ne!(sent[0]["ClientRequestToken"], sent[1]["ClientRequestToken"]);
}

#[tokio::test]
async fn a_taken_locator_is_replaced_by_another() {
    let (reply, sent) = book_while(vec![["None", "ConditionalCheckFailed", "None", "None"]]).await;
    assert_eq!((reply.status, sent.len()), (StatusCode::CREATED, 2), "{}", reply.text);
    assert_ne!(key(&sent[0], 1, "pk"), key(&sent[1], 1, "pk"));
    assert!(key(&sent[1], 1, "pk").ends_with(reply.json()["record_locator"].as_str().unwrap()));
}

#[tokio::test]
async fn throttling_is_503_and_any_other_failure_500() {
    for (reasons, status, code) in [
        (["None", "None", "ThrottlingError", "None"], 503, "busy"),
        (["None", "ProvisionedThroughputExceeded", "TransactionConflict", "None"], 503, "busy"),
        (["None", "None", "ValidationError", "None"], 500, "internal"),
    ] {
        let (reply, sent) = book_while(vec![reasons]).await;
        assert_eq!((reply.refusal(), sent.len()), ((status, code.to_owned()), 1), "{reasons:?}");
        assert!(!reply.text.contains("Transaction"), "the cause is not for the caller: {}", reply.text);
    }
}

#[tokio::test]
async fn a_request_that_only_meets_conflicts_is_refused_as_busy() {
    let (reply, sent) = book_while(vec![CONFLICT; 1000]).await;
    assert_eq!(reply.refusal(), (503, "busy".to_owned()));
    assert_eq!(reply.header("retry-after"), "1");
    assert!((10..30).contains(&sent.len()), "{}", sent.len());
}

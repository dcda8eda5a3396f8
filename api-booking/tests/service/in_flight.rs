//! Two attempts under one key, in every order in which one commits and the other is refused: both get one answer.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use axum::http::StatusCode;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::harness::{AMELIA, KENJI, Reply, Shop, book_at, request};

/// Holds the requests of one DynamoDB operation before they reach the store.
#[derive(Clone, Debug)]
struct Gate {
    operation: &'static str,
    http: SharedHttpClient,
    arrived: Arc<Semaphore>,
    released: Arc<Semaphore>,
}

impl Gate {
    /// A client like `client`, and the gate before its `operation`.
    fn before(operation: &'static str, client: &Client) -> (Client, Self) {
        let gate = Self {
            operation,
            http: client.config().http_client().unwrap(),
            arrived: Arc::new(Semaphore::new(0)),
            released: Arc::new(Semaphore::new(0)),
        };
        let config = client.config().to_builder().http_client(gate.clone());
        (Client::from_conf(config.build()), gate)
    }

    /// Waits until a request has come to the gate.
    async fn arrival(&self) {
        let arrived = timeout(Duration::from_secs(30), self.arrived.acquire()).await;
        arrived.expect("no request came to the gate within 30 s").unwrap().forget();
    }

    /// Lets this request and all later ones pass.
    fn open(&self) {
        self.released.add_permits(1000);
    }
}

impl HttpClient for Gate {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.http.http_connector(settings, components);
        SharedHttpConnector::new(Gated { gate: self.clone(), inner })
    }
}

#[derive(Debug)]
struct Gated {
    gate: Gate,
    inner: SharedHttpConnector,
}

impl HttpConnector for Gated {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        if !target.ends_with(self.gate.operation) {
            return self.inner.call(request);
        }
        let (gate, inner) = (self.gate.clone(), self.inner.clone());
        HttpConnectorFuture::new(async move {
            gate.arrived.add_permits(1);
            gate.released.acquire().await.unwrap().forget();
            inner.call(request).await
        })
    }
}

/// Both replies, once both are there.
async fn both(first: impl Future<Output = Reply>, retry: impl Future<Output = Reply>) -> (Reply, Reply) {
    let both = timeout(Duration::from_secs(60), async { tokio::join!(first, retry) }).await;
    both.expect("the two attempts were not answered within 60 s")
}

#[tokio::test]
async fn a_retry_refused_after_the_offers_end_refuses_the_first_request_too() {
    let shop = Shop::open().await;
    let (client, gate) = Gate::before("TransactWriteItems", &shop.dynamo.client());
    let slow = shop.another_counter(client);
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let body = request(&[&offer], &["adult"]);
    let (first, retry) = both(book_at(&slow, KENJI, "key", &body), async {
        gate.arrival().await;
        shop.pass_secs(20 * 60);
        let retry = shop.book(KENJI, "key", &body).await;
        gate.open();
        retry
    })
    .await;
    assert_eq!(retry.refusal(), (409, "offer_expired".to_owned()));
    assert_eq!(first.problem(), retry.problem());
    assert_eq!(shop.book(KENJI, "key", &body).await.problem(), retry.problem());
    assert!(shop.trips(KENJI).await.is_empty());
    assert_eq!(shop.count_items().await, 1, "the recorded refusal and nothing else");
}

#[tokio::test]
async fn a_retry_refused_for_lack_of_seats_refuses_the_first_request_too() {
    let shop = Shop::open().await;
    let (client, gate) = Gate::before("TransactWriteItems", &shop.dynamo.client());
    let slow = shop.another_counter(client);
    let offer = shop.nonstop("SFO", "NRT", "business", 1).await;
    shop.sell_down_to(&offer, 1).await;
    let body = request(&[&shop.again(&offer, 1).await.unwrap()], &["adult"]);
    let (first, retry) = both(book_at(&slow, KENJI, "key", &body), async {
        gate.arrival().await;
        assert_eq!(shop.book(AMELIA, "hers", &body).await.status, StatusCode::CREATED);
        let retry = shop.book(KENJI, "key", &body).await;
        gate.open();
        retry
    })
    .await;
    assert_eq!(retry.refusal(), (409, "sold_out".to_owned()));
    assert_eq!(first.problem(), retry.problem());
    assert!(shop.trips(KENJI).await.is_empty());
}

#[tokio::test]
async fn a_commit_before_the_refusal_is_recorded_answers_the_retry_too() {
    let shop = Shop::open().await;
    let (first_client, sale) = Gate::before("TransactWriteItems", &shop.dynamo.client());
    let (retry_client, refusal) = Gate::before("PutItem", &shop.dynamo.client());
    let (first_router, retry_router) =
        (shop.another_counter(first_client), shop.another_counter(retry_client));
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let body = request(&[&offer], &["adult"]);
    let (first, retry) = both(
        async {
            let first = book_at(&first_router, KENJI, "key", &body).await;
            refusal.open();
            first
        },
        async {
            sale.arrival().await;
            shop.pass_secs(20 * 60);
            // The retry finds the offer expired; before it records that, the first request commits.
            let (retry, ()) = tokio::join!(book_at(&retry_router, KENJI, "key", &body), async {
                refusal.arrival().await;
                sale.open();
            });
            retry
        },
    )
    .await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
    assert_eq!((retry.status, &retry.text), (StatusCode::CREATED, &first.text));
    assert_eq!(shop.trips(KENJI).await.len(), 1);
}

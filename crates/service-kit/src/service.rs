//! A service as one value, for the process that runs all services on a laptop.
//!
//! Each service crate has `pub const SERVICE: Service`. Everything else about a service is in its `service.toml`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use api_types::{MemberId, Miles, Tier};
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::ServiceExt;

use crate::Clock;
use crate::events::outbox::{Outbox, OutboxMessage, PublishError, Publisher};
use crate::events::queue::QueueConsumer;

/// Any error that a function or a service's start ends with.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// A future on the heap.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A function as Lambda invokes it: a JSON payload in, a JSON reply out.
pub type Function = Arc<dyn Fn(Value) -> BoxFuture<Result<Value, BoxError>> + Send + Sync>;

/// The 32-byte secrets of one service, by name.
pub type Secrets = Arc<dyn Fn(&str) -> [u8; 32] + Send + Sync>;

/// A service: its descriptor, and how it starts.
#[derive(Clone, Copy)]
pub struct Service {
    /// The text of its `service.toml`.
    pub descriptor: &'static str,
    /// Starts it on what a laptop has instead of AWS.
    pub open: fn(Environment) -> BoxFuture<Result<Parts, BoxError>>,
}

/// What a service's functions get from the environment in AWS.
pub struct Environment {
    /// A client of the service's own store.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// The name of its table; the service creates it.
    pub table: String,
    /// Its topic.
    pub topic: Topic,
    /// The time source.
    pub clock: Clock,
    /// A secret of this service by its name, the same at every start on the same data folder.
    pub secret: Secrets,
    /// The other services.
    pub peers: Peers,
}

/// A service that has started.
#[derive(Default)]
pub struct Parts {
    /// Its routes, without the base path.
    pub router: Router,
    /// Its functions by their names in `service.toml`, all but those with HTTP triggers only.
    pub functions: BTreeMap<&'static str, Function>,
    /// The members who can sign in on a laptop, if this service keeps them.
    pub members: Vec<LocalMember>,
}

/// Someone who can sign in on a laptop.
#[derive(Clone, Debug)]
pub struct LocalMember {
    /// The id in access tokens.
    pub member_id: MemberId,
    /// The name that the sign-in page shows.
    pub name: &'static str,
    /// The tier at the first start.
    pub tier: Tier,
    /// The balance at the first start.
    pub opening_balance: Miles,
    /// The miles that count towards the tier at the first start.
    pub status_miles: Miles,
}

/// A service's topic: each message goes to every queue that subscribes to its type.
#[derive(Clone)]
pub struct Topic(Arc<dyn Fn(OutboxMessage) -> BoxFuture<Result<(), BoxError>> + Send + Sync>);

impl Topic {
    /// A topic that is published to with `publish`.
    pub fn new(
        publish: impl Fn(OutboxMessage) -> BoxFuture<Result<(), BoxError>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(publish))
    }
}

impl Publisher for Topic {
    async fn publish(&self, message: OutboxMessage) -> Result<(), PublishError> {
        let id = message.id.clone();
        (self.0)(message).await.map_err(|cause| PublishError { id, cause })
    }
}

impl Environment {
    /// The function that publishes the outbox of the service's table to its topic; `name` is the Lambda function's.
    #[must_use]
    pub fn outbox(&self, name: &'static str) -> Function {
        let (topic, dynamodb) = (self.topic.clone(), self.dynamodb.clone());
        let outbox = Outbox::new(name, topic, dynamodb, self.table.clone(), self.clock.clone());
        function(move |payload| {
            let outbox = outbox.clone();
            async move { outbox.invoke(payload).await }
        })
    }
}

/// The function that applies the batches of a queue.
pub fn queue(consumer: impl QueueConsumer + Clone + Send + 'static) -> Function {
    function(move |batch| {
        let consumer = consumer.clone();
        async move { Ok::<_, BoxError>(consumer.handle(batch).await) }
    })
}

/// A function from one that is typed.
pub fn function<Payload, Reply, Invoke, Fut, E>(invoke: Invoke) -> Function
where
    Payload: DeserializeOwned,
    Reply: Serialize,
    Invoke: Fn(Payload) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, E>> + Send + 'static,
    E: Into<BoxError>,
{
    Arc::new(move |payload| {
        let invoked = serde_json::from_value(payload).map(&invoke);
        Box::pin(async move { Ok(serde_json::to_value(invoked?.await.map_err(Into::into)?)?) })
    })
}

/// The name of the service that sends a request to a private service. Only a caller in the process can set it: it is no
/// header, and a request from the network never has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallingService(pub String);

/// Calls from one service to another in the same process.
#[derive(Clone)]
pub struct Peers {
    caller: String,
    routes: Arc<OnceLock<Router>>,
}

impl Peers {
    /// The peers of `caller`, reached through `routes`, which are set when all services have started.
    #[must_use]
    pub fn new(caller: String, routes: Arc<OnceLock<Router>>) -> Self {
        Self { caller, routes }
    }

    /// Sends `request`, whose path begins with the called service's base path.
    ///
    /// # Errors
    /// When services are still starting.
    pub async fn call(&self, mut request: Request<Body>) -> Result<Response, BoxError> {
        let routes = self.routes.get().ok_or("the services are still starting")?;
        request.extensions_mut().insert(CallingService(self.caller.clone()));
        match routes.clone().oneshot(request).await {
            Ok(response) => Ok(response),
            Err(never) => match never {},
        }
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("descriptor", &self.descriptor).finish_non_exhaustive()
    }
}

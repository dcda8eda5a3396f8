//! A store that loses some requests and some replies.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

use api_booking::Random;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use serde_json::Value;

/// Sits between clients and their store. What becomes of a request hangs on the seed, the request and how often it
/// came, not on when it comes: a schedule can be replayed.
#[derive(Clone, Debug)]
pub(super) struct FaultyStore(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    seed: u64,
    on: bool,
    count: usize,
    asked: HashMap<u64, u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Passes,
    NeverArrives,
    ReplyIsLost,
}

impl Storable for Fate {
    type Storer = StoreReplace<Self>;
}

impl FaultyStore {
    pub(super) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State { seed, on: true, count: 0, asked: HashMap::new() })))
    }

    /// `client`, with the faults in between.
    pub(super) fn between(&self, client: &Client) -> Client {
        Client::from_conf(client.config().to_builder().interceptor(self.clone()).build())
    }

    pub(super) fn set(&self, on: bool) {
        self.0.lock().unwrap().on = on;
    }

    /// How many requests met a fault.
    pub(super) fn count(&self) -> usize {
        self.0.lock().unwrap().count
    }

    /// What becomes of a request that comes now.
    fn fate(&self, request: &[u8]) -> Fate {
        let mut state = self.0.lock().unwrap();
        if !state.on {
            return Fate::Passes;
        }
        // A token that the SDK made up, and the order in which it writes a map, are another each time.
        let mut request: Value = serde_json::from_slice(request).unwrap();
        request.as_object_mut().unwrap().remove("ClientRequestToken");
        let mut hasher = DefaultHasher::new();
        (state.seed, in_order(&request)).hash(&mut hasher);
        let request = hasher.finish();
        let times = state.asked.entry(request).or_default();
        *times += 1;
        let fate = match Random::seeded(request ^ times.wrapping_mul(0x9e37_79b9)).below(6) {
            0 => Fate::NeverArrives,
            1 => Fate::ReplyIsLost,
            _ => Fate::Passes,
        };
        state.count += usize::from(fate != Fate::Passes);
        fate
    }
}

/// A JSON value as text, its maps in the order of their keys.
fn in_order(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<&String, String> =
                map.iter().map(|(key, value)| (key, in_order(value))).collect();
            format!("{sorted:?}")
        }
        Value::Array(items) => format!("{:?}", items.iter().map(in_order).collect::<Vec<_>>()),
        other => other.to_string(),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("on purpose: {0:?}")]
struct OnPurpose(Fate);

impl Intercept for FaultyStore {
    fn name(&self) -> &'static str {
        "FaultyStore"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        state: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        // Reads that run side by side break off together at the first failure: which of them had been sent by then is
        // a matter of time, not of the seed. A fault before a write is a fault after the reads.
        let writes = ["TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem"];
        let fate = if writes.iter().any(|write| target.ends_with(write)) {
            self.fate(request.body().bytes().unwrap_or_default())
        } else {
            Fate::Passes
        };
        state.interceptor_state().store_put(fate);
        if fate == Fate::NeverArrives { Err(OnPurpose(fate).into()) } else { Ok(()) }
    }

    fn read_after_transmit(
        &self,
        _: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        state: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match state.load::<Fate>() {
            Some(Fate::ReplyIsLost) => Err(OnPurpose(Fate::ReplyIsLost).into()),
            _ => Ok(()),
        }
    }
}

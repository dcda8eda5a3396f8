//! A store that at times is not reached, and at times does what it is asked and its reply is lost.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

use api_booking::Random;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;

/// Sits between clients and their store. What becomes of a request hangs on the seed, the request and how often it
/// came, not on when it comes: a schedule can be replayed.
#[derive(Clone, Debug)]
pub(crate) struct FaultyStore(Arc<Mutex<State>>);

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

impl FaultyStore {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State { seed, on: true, count: 0, asked: HashMap::new() })))
    }

    /// `client`, with the faults in between.
    pub(crate) fn between(&self, client: &Client) -> Client {
        Client::from_conf(client.config().to_builder().interceptor(self.clone()).build())
    }

    pub(crate) fn set(&self, on: bool) {
        self.0.lock().unwrap().on = on;
    }

    /// How many requests met a fault.
    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().count
    }

    /// The fate of a request's latest coming.
    fn fate(&self, request: &[u8], comes: bool) -> Fate {
        let mut state = self.0.lock().unwrap();
        if !state.on {
            return Fate::Passes;
        }
        let mut hasher = DefaultHasher::new();
        (state.seed, request).hash(&mut hasher);
        let request = hasher.finish();
        let times = state.asked.entry(request).or_default();
        *times += u64::from(comes);
        match Random::seeded(request ^ times.wrapping_mul(0x9e37_79b9)).below(10) {
            0 => Fate::NeverArrives,
            1 => Fate::ReplyIsLost,
            _ => Fate::Passes,
        }
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
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.meet(context.request().body().bytes(), true, Fate::NeverArrives)
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.meet(context.request().body().bytes(), false, Fate::ReplyIsLost)
    }
}

impl FaultyStore {
    fn meet(&self, request: Option<&[u8]>, comes: bool, fate: Fate) -> Result<(), BoxError> {
        if self.fate(request.unwrap_or_default(), comes) != fate {
            return Ok(());
        }
        self.0.lock().unwrap().count += 1;
        Err(OnPurpose(fate).into())
    }
}

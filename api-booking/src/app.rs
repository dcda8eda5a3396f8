use std::error::Error;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use service_kit::Clock;
use service_kit::aws::{self, AwsEnv};

use crate::Random;
use crate::config::signing_keys;
use crate::domain::signing::{NoSigningKey, OfferSigner};
use crate::store::Store;

/// What Booking runs on.
pub struct AppParts {
    pub dynamodb: Client,
    /// The table's name.
    pub table: String,
    /// The keys that offers are signed with: the first signs, all verify. At least one.
    pub signing_keys: Vec<[u8; 32]>,
    pub clock: Clock,
    pub random: Random,
}

/// What every use case needs: the store, the signer, the clock, randomness. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    store: Store,
    signer: OfferSigner,
    clock: Clock,
    random: Random,
}

impl App {
    /// # Errors
    /// When there is no key to sign offers with.
    pub fn new(parts: AppParts) -> Result<Self, NoSigningKey> {
        Ok(Self(Arc::new(Parts {
            store: Store::new(parts.dynamodb, parts.table),
            signer: OfferSigner::new(&parts.signing_keys)?,
            clock: parts.clock,
            random: parts.random,
        })))
    }

    /// From a Lambda's environment: `TABLE_NAME`, `OFFER_SIGNING_KEYS` and AWS's own variables.
    ///
    /// # Errors
    /// When a variable is missing or the keys can't be read.
    pub fn from_env() -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self::new(AppParts {
            dynamodb: aws::dynamodb(&AwsEnv::from_env()?),
            table: aws::variable("TABLE_NAME")?,
            signing_keys: signing_keys(&aws::variable("OFFER_SIGNING_KEYS")?)?,
            clock: Clock::system(),
            random: Random::system()?,
        })?)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn signer(&self) -> &OfferSigner {
        &self.0.signer
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(crate) fn random(&self) -> &Random {
        &self.0.random
    }
}

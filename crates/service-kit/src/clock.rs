use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use api_types::UtcInstant;

/// The injected time source. Below `main` nothing else reads the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> UtcInstant + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::from_fn(|| {
            let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            UtcInstant::from_epoch_ms(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
        })
    }

    /// A clock that doesn't move.
    #[must_use]
    pub fn fixed(now: UtcInstant) -> Self {
        Self::from_fn(move || now)
    }

    /// A clock that reads `now`.
    pub fn from_fn(now: impl Fn() -> UtcInstant + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The instant it shows.
    #[must_use]
    pub fn now(&self) -> UtcInstant {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

//! DynamoDB in the process: the unmodified AWS SDK on a SQLite file or on memory, without a socket.
//!
//! | to find | look in |
//! |---|---|
//! | opening a store, clients of it, expiry of items | [`EmbeddedDynamo`] |
//! | how the SDK's requests reach it | `connector`, `operations` |
//! | its table streams: reading and trimming records | `stream` |
//! | faults on demand, and a server for tests of other processes | `testing` (feature `testing`) |
//!
//! A socket would be open to every program and web page of the machine: the emulator's own server has no
//! authentication and answers any origin.

mod connector;
mod operations;
mod stream;
#[cfg(feature = "testing")]
mod testing;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use dynoxide::{Database, DynoxideError};
use tokio::sync::Semaphore;

pub use stream::StreamRecord;
#[cfg(feature = "testing")]
pub use testing::{Fault, LoopbackServer};

/// Operations that may hold a thread at the same time. The database runs one after the other; a second one has its
/// request parsed meanwhile. More would only take threads from others while a commit waits for the disk.
const PARALLEL: u32 = 2;

/// An embedded DynamoDB. Clones share it; it closes with the last clone, client and running operation.
#[derive(Clone)]
pub struct EmbeddedDynamo(Arc<Inner>);

struct Inner {
    database: Database,
    path: Option<PathBuf>,
    turns: Arc<Semaphore>,
    #[cfg(feature = "testing")]
    faults: testing::Faults,
}

#[derive(Debug, thiserror::Error)]
#[error("The store {name} can't be opened: {why}.")]
pub struct OpenError {
    name: String,
    why: String,
}

/// An operation beside the SDK's failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store refused it.
    #[error("the embedded store failed: {0}")]
    Dynoxide(#[from] DynoxideError),
    /// Stream records can't be deleted from the file.
    #[error("the embedded store's file failed: {0}")]
    File(#[from] rusqlite::Error),
    /// A stream record can't be written as JSON.
    #[error("a stream record can't be written as JSON: {0}")]
    Record(#[from] serde_json::Error),
    /// The operation panicked, or the runtime is stopping.
    #[error("an operation of the embedded store was interrupted")]
    Interrupted,
}

impl EmbeddedDynamo {
    /// Opens the store in the file `path`, made if missing. A write is on the disk before it is acknowledged: the
    /// write-ahead log is synced at every commit.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let failed = |why: String| OpenError { name: path.display().to_string(), why };
        let text = path.to_str().ok_or_else(|| failed("its path is not text".to_owned()))?;
        let database = Database::new(text).map_err(|error| failed(error.to_string()))?;
        stream::create_index(path).map_err(|error| failed(error.to_string()))?;
        Ok(Self::on(database, Some(path.to_owned())))
    }

    /// An empty store that is lost when it closes.
    pub fn in_memory() -> Result<Self, OpenError> {
        let database = Database::memory()
            .map_err(|error| OpenError { name: "in memory".to_owned(), why: error.to_string() })?;
        Ok(Self::on(database, None))
    }

    fn on(database: Database, path: Option<PathBuf>) -> Self {
        let turns = Arc::new(Semaphore::new(PARALLEL as usize));
        Self(Arc::new(Inner {
            database,
            path,
            turns,
            #[cfg(feature = "testing")]
            faults: testing::Faults::default(),
        }))
    }

    /// A client with the settings that services have in AWS, whose requests are answered in this process.
    #[must_use]
    pub fn client(&self) -> Client {
        service_kit::aws::dynamodb_over(connector::http_client(self.clone()))
    }

    /// The database itself. Its operations block the calling thread; async code uses [`run`](Self::run).
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.0.database
    }

    /// Deletes items whose time to live has passed, as DynamoDB does by itself. Gives how many.
    pub async fn delete_expired_items(&self) -> Result<usize, StoreError> {
        Ok(self.run(Database::sweep_ttl).await??)
    }

    /// Waits for running operations. Later ones fail.
    pub async fn close(&self) {
        // An error means that it is closed already.
        if let Ok(all) = Arc::clone(&self.0.turns).acquire_many_owned(PARALLEL).await {
            self.0.turns.close();
            drop(all);
        }
    }

    /// Runs `operation` on a thread where blocking is allowed, when it has its turn. It finishes even when the caller
    /// stops waiting.
    ///
    /// # Errors
    /// When the store is closed or the operation panics.
    pub async fn run<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Database) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run_with(1, |inner| operation(&inner.database)).await
    }

    async fn run_with<T: Send + 'static>(
        &self,
        turns: u32,
        operation: impl FnOnce(&Inner) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = Arc::clone(&self.0.turns).acquire_many_owned(turns).await;
        let turn = turn.map_err(|_| StoreError::Interrupted)?;
        let inner = Arc::clone(&self.0);
        let running = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            operation(&inner)
        });
        running.await.map_err(|_| StoreError::Interrupted)
    }
}

impl fmt::Debug for EmbeddedDynamo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedDynamo").field("path", &self.0.path).finish_non_exhaustive()
    }
}

//! One embedded DynamoDB per service: a SQLite file behind DynamoDB's own protocol, on a loopback port.
//!
//! Each has threads of its own, since its operations block (a commit waits for the disk): while one service's
//! store writes, the other's and the gateway go on.

use std::path::Path;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use dynoxide::Database;
use rusqlite::Connection;
use service_kit::aws::{AwsEnv, dynamodb};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long a request that is already running may take to finish when the store closes.
const CLOSING: Duration = Duration::from_secs(5);

/// A store that runs.
pub struct EmbeddedStore {
    endpoint: String,
    database: Database,
    runtime: Option<Runtime>, // taken when it is dropped
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<Result<(), String>>,
}

/// Why a store can't be opened.
#[derive(Debug, thiserror::Error)]
#[error("The store {name} can't be opened: {why}.")]
pub struct OpenStoreError {
    name: String,
    why: String,
}

impl EmbeddedStore {
    /// Opens the store in the file `path`, made if missing. What it acknowledges is on the disk: the write-ahead
    /// log is synced at every commit.
    ///
    /// # Errors
    /// When the file is damaged or in use, or no port or thread is to be had.
    pub fn open(path: &Path) -> Result<Self, OpenStoreError> {
        let name = path.display().to_string();
        let failed = |why: String| OpenStoreError { name: name.clone(), why };
        let text = path.to_str().ok_or_else(|| failed("its path is not text".to_owned()))?;
        let database = Database::new(text).map_err(|error| failed(error.to_string()))?;
        order_stream(path).map_err(|error| failed(error.to_string()))?;
        Self::serve(database).map_err(failed)
    }

    /// A store that is forgotten when it closes.
    ///
    /// # Errors
    /// When no memory, port or thread is to be had.
    pub fn in_memory() -> Result<Self, OpenStoreError> {
        let failed = |why: String| OpenStoreError { name: "in memory".to_owned(), why };
        let database = Database::memory().map_err(|error| failed(error.to_string()))?;
        Self::serve(database).map_err(failed)
    }

    fn serve(database: Database) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("store")
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let listener = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let (stop, stopped) = oneshot::channel::<()>();
        let served = database.clone();
        let server = runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).map_err(|error| error.to_string())?;
            // A dropped sender means the same as a sent word: stop.
            let stopped = async move { stopped.await.unwrap_or_default() };
            dynoxide::server::serve_with_shutdown(listener, served, stopped).await
        });
        Ok(Self {
            endpoint: format!("http://{address}"),
            database,
            runtime: Some(runtime),
            stop: Some(stop),
            server,
        })
    }

    /// A client of it, as a service in AWS has one of DynamoDB.
    #[must_use]
    pub fn client(&self) -> Client {
        dynamodb(&AwsEnv::emulated(&self.endpoint))
    }

    /// Where it answers.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The database itself, for what AWS does behind DynamoDB's interface: its stream, its time to live.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Finishes the requests that are running and closes the file.
    pub async fn close(mut self) {
        drop(self.stop.take());
        match tokio::time::timeout(CLOSING, &mut self.server).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::warn!(error, "a store stopped with an error"),
            Ok(Err(error)) => tracing::warn!(%error, "a store's server broke off"),
            Err(_) => tracing::warn!("a store's last requests took too long"),
        }
    }
}

/// Lets the store find the last of its stream records without reading them all, which it does for every item it
/// writes: without this index each booking is slower than the one before it (docs/decisions/0041).
fn order_stream(path: &Path) -> rusqlite::Result<()> {
    Connection::open(path)?.execute_batch(
        "CREATE INDEX IF NOT EXISTS tern_stream_order
         ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
    )
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        // A runtime that is simply dropped would wait for its threads, which async code must not.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_stream_record_is_found_without_reading_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        for _ in 0..2 {
            let store = EmbeddedStore::open(&path).unwrap(); // and again, with the index there
            store.close().await;
        }
        // What dynoxide asks before it writes a record, and what it asks when the stream is read.
        for question in [
            "SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = 'booking'",
            "SELECT keys_json FROM _stream_records WHERE table_name = 'booking' AND shard_id = 's'
             AND CAST(sequence_number AS INTEGER) > 7 ORDER BY CAST(sequence_number AS INTEGER)",
        ] {
            let connection = Connection::open(&path).unwrap();
            let plan: String = connection
                .query_row(&format!("EXPLAIN QUERY PLAN {question}"), [], |row| row.get(3))
                .unwrap();
            assert!(plan.contains("INDEX tern_stream_order"), "{plan}");
        }
    }
}

use aws_sdk_dynamodb::Client;
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::aws::{AwsEnv, dynamodb};

/// The store that tests run on: the same as on a laptop, in memory, on a loopback port until it is dropped.
pub struct EmbeddedDynamo {
    endpoint: String,
    database: Database,
    server: JoinHandle<()>,
}

impl EmbeddedDynamo {
    /// Starts one, empty.
    ///
    /// # Panics
    /// When there is no memory or no port for it.
    pub async fn start() -> Self {
        let database = Database::memory().expect("a database in memory needs only memory");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let server = tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
        Self { endpoint: format!("http://{address}"), database, server }
    }

    /// Where it answers, for a process of its own.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The database itself, for what a client can't do: reading its stream, sweeping its TTL.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// A client of it.
    #[must_use]
    pub fn client(&self) -> Client {
        dynamodb(&AwsEnv::emulated(&self.endpoint))
    }
}

impl Drop for EmbeddedDynamo {
    fn drop(&mut self) {
        self.server.abort();
    }
}

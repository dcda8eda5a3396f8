use std::sync::{Mutex, PoisonError};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::EmbeddedDynamo;

/// What can go wrong with a `TransactWriteItems` in AWS and never does in the emulator by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Another transaction is writing the first item: nothing is written, and the reply says `TransactionConflict`.
    TransactionConflict,
    /// The transaction commits and its reply is lost.
    LostReply,
}

/// Faults to come, each with the number of transactions until then.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<(u32, Fault)>>);

impl Faults {
    /// The fault of this call.
    pub(crate) fn due(&self, operation: &str) -> Option<Fault> {
        if operation != "TransactWriteItems" {
            return None;
        }
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (calls, _) in faults.iter_mut() {
            *calls -= 1;
        }
        let due = faults.iter().position(|(calls, _)| *calls == 0)?;
        Some(faults.swap_remove(due).1)
    }
}

impl EmbeddedDynamo {
    /// Makes the `nth` `TransactWriteItems` from now (1: the next) end in `fault`.
    ///
    /// # Panics
    /// When `nth` is 0, or that call has a fault already.
    pub fn inject(&self, fault: Fault, nth: u32) {
        let mut faults = self.0.faults.0.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(nth > 0 && faults.iter().all(|(calls, _)| *calls != nth), "one fault for each call to come");
        faults.push((nth, fault));
    }

    /// How many faults haven't happened yet.
    #[must_use]
    pub fn faults_to_come(&self) -> usize {
        self.0.faults.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Serves the store on a loopback port, for a process other than this one, until the server is dropped.
    pub async fn serve(&self) -> LoopbackServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let server = tokio::spawn(dynoxide::server::serve_on(listener, self.0.database.clone()));
        LoopbackServer { endpoint: format!("http://{address}"), server }
    }
}

/// A running server without authentication.
pub struct LoopbackServer {
    endpoint: String,
    server: JoinHandle<()>,
}

impl LoopbackServer {
    /// Its URL, for `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl Drop for LoopbackServer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

//! Starts and stops the whole.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::middleware;
use embedded_dynamo::EmbeddedDynamo;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::Arguments;
use crate::bus::{Bus, BusError, BusTasks, Redelivery};
use crate::data_folder::{DataFolder, DataFolderError};
use crate::gateway::{self, Issuer};
use crate::services::{Catalogue, ServicesError};
use crate::web::{self, WebApp, WebAppError};

/// How long requests under way may take to finish at the end.
const FINISHING: Duration = Duration::from_secs(10);

/// Tern, running.
pub struct Local {
    address: SocketAddr,
    stop_serving: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
    bus: BusTasks,
    stores: Vec<EmbeddedDynamo>,
    _folder: DataFolder,
}

/// Why it doesn't start: one sentence for whoever started it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("Port {} is taken on {}: stop what listens there, or choose another with --port.", .0.port(), .0.ip())]
    PortTaken(SocketAddr),
    #[error("{address} can't be listened on: {source}.")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error(transparent)]
    WebApp(#[from] WebAppError),
    #[error(transparent)]
    DataFolder(#[from] DataFolderError),
    #[error("The bus can't be opened: {0}.")]
    Bus(#[from] BusError),
    #[error(transparent)]
    Services(#[from] ServicesError),
}

impl Local {
    /// Starts everything; it answers when this returns.
    ///
    /// # Errors
    /// When something it needs is missing, taken or damaged. Then the data folder is as it was.
    pub async fn start(arguments: Arguments) -> Result<Self, StartError> {
        // What may be wrong outside the data folder comes first, so that it is not even made for nothing.
        let web_app = WebApp::open(&arguments.web)?;
        let listener = listen(SocketAddr::new(arguments.host, arguments.port)).await?;
        let address = listener.local_addr().map_err(|source| StartError::Listen {
            address: SocketAddr::new(arguments.host, arguments.port),
            source,
        })?;
        let folder = DataFolder::open(&arguments.data)?;
        let catalogue = Catalogue::read()?;
        let clock = service_kit::Clock::system();
        let bus = Bus::open(&folder.bus()?, clock.clone(), catalogue.subscriptions(), Redelivery::default())?;
        let mut services = catalogue.start(&folder, &bus, &clock).await?;
        let wiring = std::mem::take(&mut services.wiring);
        let stores = wiring.stores.clone();

        let issuer = Issuer::new(&folder.keys().tokens);
        let mut routes = routes(gateway::router(services, issuer, bus.clone()), web_app);
        if address.ip().is_loopback() {
            routes = routes.layer(middleware::from_fn(gateway::only_own_host));
        }
        let (stop_serving, stopped) = oneshot::channel::<()>();
        // Dropping the sender stops too.
        let stopped = async move { stopped.await.unwrap_or_default() };
        let server =
            tokio::spawn(async move { axum::serve(listener, routes).with_graceful_shutdown(stopped).await });
        let bus = bus.start(wiring);
        Ok(Self { address, stop_serving, server, bus, stores, _folder: folder })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Finishes the requests under way, then the bus's steps, then closes the stores.
    pub async fn stop(self) {
        drop(self.stop_serving);
        match tokio::time::timeout(FINISHING, self.server).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::warn!(%error, "serving ended with an error"),
            Ok(Err(error)) => tracing::warn!(%error, "serving ended with a panic"),
            Err(_) => tracing::warn!("some requests took too long and were cut off"),
        }
        self.bus.stop().await;
        for store in self.stores {
            store.close().await;
        }
    }
}

fn routes(apis: Router, web_app: WebApp) -> Router {
    apis.fallback_service(Router::new().fallback(WebApp::serve).with_state(web_app))
        .layer(middleware::from_fn(web::secure))
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortTaken(address),
        _ => StartError::Listen { address, source },
    })
}

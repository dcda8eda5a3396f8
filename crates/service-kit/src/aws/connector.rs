//! How the SDK's requests reach AWS: HTTP/1.1 over TLS, connections kept.
//!
//! The SDK's own connector speaks HTTP/2 and through proxies too. DynamoDB and SNS speak neither with us, and
//! that code is a tenth of a Lambda's binary (docs/decisions/0004).

use std::error::Error;
use std::time::Duration;

use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::retries::ErrorKind;
use aws_smithy_types::body::SdkBody;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::{CaptureConnection, HttpConnector as Tcp, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// A client of AWS services, or of an emulator of them on plain HTTP, that gives up connecting after
/// `connect_timeout`. How long a call may take is the SDK's to watch.
pub(super) fn http_client(connect_timeout: Duration) -> SharedHttpClient {
    let mut tcp = Tcp::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(connect_timeout));
    let https = hyper_rustls::HttpsConnectorBuilder::new()
        .with_tls_config(trusting_amazon())
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    let client = legacy::Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(https);
    let connector = SharedHttpConnector::new(Connector(client));
    http_client_fn(move |_, _| connector.clone())
}

#[derive(Debug)]
struct Connector(legacy::Client<HttpsConnector<Tcp>, SdkBody>);

/// The roots under which AWS' endpoints have their certificates, and no others: reading the machine's 140 would
/// cost every cold start, and trust more than is called.
///
/// Source: Amazon Trust Services' repository, as Debian's ca-certificates carries it.
fn trusting_amazon() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(include_bytes!("../../data/amazon-trust-services.pem")) {
        let root = root.expect("the file with the roots is PEM");
        roots.add(root).expect("a root is a certificate");
    }
    ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("ring has the ciphers of every version that is safe")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        let connection = capture_connection(&mut request);
        if let Some(capture) = request.extensions().get::<CaptureSmithyConnection>() {
            capture.set_connection_retriever(move || poisonable(&connection));
        }
        let answer = self.0.request(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await.map_err(connector_error)?;
            HttpResponse::try_from(answer.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// The connection that a call went over, for the SDK to leave when the other side turns out to be ill.
fn poisonable(capture: &CaptureConnection) -> Option<ConnectionMetadata> {
    capture.connection_metadata().as_ref()?;
    let capture = capture.clone();
    let leave = move || {
        if let Some(connection) = capture.connection_metadata().as_ref() {
            connection.poison();
        }
    };
    Some(ConnectionMetadata::builder().proxied(false).poison_fn(leave).build())
}

/// The error's kind for the SDK's retries: a call that may not have been received is retried.
fn connector_error(error: legacy::Error) -> ConnectorError {
    let in_hyper = find::<hyper::Error>(&error);
    let ended = in_hyper.is_some_and(|error| error.is_closed() || error.is_canceled());
    let cut_off = in_hyper.is_some_and(hyper::Error::is_incomplete_message);
    if error.is_connect() || ended || find::<std::io::Error>(&error).is_some() {
        ConnectorError::io(error.into())
    } else {
        ConnectorError::other(error.into(), cut_off.then_some(ErrorKind::TransientError))
    }
}

/// The first cause of `error` that is an `E`.
fn find<E: Error + 'static>(error: &dyn Error) -> Option<&E> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use crate::aws::{AwsEnv, dynamodb};

    const NO_TABLES: &str = "HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{\"TableNames\":[]}";
    const ILL: &str = "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 2\r\n\r\n{}";

    /// Calls a store that answers the first request on each of its connections so, in turn; `None` hangs up.
    async fn call(answers: [Option<&'static str>; 2]) {
        let store = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = dynamodb(&AwsEnv::emulated(format!("http://{}", store.local_addr().unwrap())));
        let served = tokio::spawn(async move {
            let mut open = Vec::new();
            for answer in answers {
                let (mut connection, _) = store.accept().await.unwrap();
                assert!(connection.read(&mut [0; 8192]).await.unwrap() > 0);
                if let Some(answer) = answer {
                    connection.write_all(answer.as_bytes()).await.unwrap();
                    open.push(connection);
                }
            }
        });
        let listed = client.list_tables().send().await.unwrap();
        assert_eq!(listed.table_names(), [""; 0]);
        served.await.unwrap();
    }

    #[tokio::test]
    async fn a_call_that_was_cut_off_is_made_again() {
        call([None, Some(NO_TABLES)]).await;
    }

    #[tokio::test]
    async fn a_connection_to_somebody_ill_is_left_for_another() {
        // The first connection stays open: without leaving it, the second attempt would wait there for an answer.
        call([Some(ILL), Some(NO_TABLES)]).await;
    }
}

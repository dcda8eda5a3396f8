use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use crate::EmbeddedDynamo;
use crate::operations::{self, Reply};

/// What the names of DynamoDB's operations begin with in `x-amz-target`.
const TARGET: &str = "DynamoDB_20120810.";

/// An HTTP client that answers the SDK's requests from `store`.
pub(crate) fn http_client(store: EmbeddedDynamo) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(InProcess(store));
    http_client_fn(move |_, _| connector.clone())
}

#[derive(Debug)]
struct InProcess(EmbeddedDynamo);

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.strip_prefix(TARGET).unwrap_or(target).to_owned();
        let Some(body) = request.body().bytes().map(<[u8]>::to_vec) else {
            let why = "the embedded store reads requests from memory, not from a stream";
            return HttpConnectorFuture::ready(Err(ConnectorError::user(why.into())));
        };
        let store = self.0.clone();
        HttpConnectorFuture::new(async move {
            let reply = answer(&store, operation, body).await?;
            let status = StatusCode::try_from(reply.status)
                .map_err(|error| ConnectorError::other(error.into(), None))?;
            Ok(HttpResponse::new(status, SdkBody::from(reply.json)))
        })
    }
}

#[cfg(not(feature = "testing"))]
async fn answer(store: &EmbeddedDynamo, operation: String, body: Vec<u8>) -> Result<Reply, ConnectorError> {
    let reply = store.run(move |database| operations::run(database, &operation, &body)).await;
    reply.map_err(|error| ConnectorError::io(error.into()))
}

#[cfg(feature = "testing")]
async fn answer(store: &EmbeddedDynamo, operation: String, body: Vec<u8>) -> Result<Reply, ConnectorError> {
    use crate::Fault;

    let fault = store.0.faults.due(&operation);
    if fault == Some(Fault::TransactionConflict) {
        return Ok(operations::transaction_conflict(&body));
    }
    let reply = store.run(move |database| operations::run(database, &operation, &body)).await;
    let reply = reply.map_err(|error| ConnectorError::io(error.into()))?;
    if fault == Some(Fault::LostReply) {
        return Err(ConnectorError::io("the reply was lost, as the test wanted".into()));
    }
    Ok(reply)
}

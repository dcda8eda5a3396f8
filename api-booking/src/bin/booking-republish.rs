//! Lambda: republishes the current events of bookings, invoked by operators.

use api_booking::events::{REPUBLISH, RepublishRequest, republish};
use api_booking::store::Store;
use service_kit::store::Table;
use service_kit::{Clock, lambda};

service_kit::lambda_main!(async {
    let store = Store::from(Table::from_env()?);
    let clock = Clock::system();
    let invoke = async |request: RepublishRequest| Ok(republish(&store, &clock, request).await?);
    lambda::events(REPUBLISH, invoke).await
});

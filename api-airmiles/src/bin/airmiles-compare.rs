//! Lambda: compares a page of Booking's bookings with the ledger, for operators.

use api_airmiles::App;
use api_airmiles::compare_bookings::compare_bookings;

service_kit::lambda_main!(async {
    let app = App::from_env()?;
    let compare = async |listing| Ok(compare_bookings(app.store(), listing).await?);
    service_kit::lambda::events(service_kit::function!("compare"), compare).await
});

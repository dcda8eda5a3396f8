//! The router and the committed contract say the same.

use api_airmiles::http::router;
use service_kit::testing::routes_what_is_documented;

use crate::common::Fixture;

#[tokio::test]
async fn airmiles_routes_what_its_contract_says() {
    let document = include_str!("../../../api-types/contracts/airmiles.openapi.json");
    routes_what_is_documented(router(Fixture::start().await.app.clone()), document).await;
}

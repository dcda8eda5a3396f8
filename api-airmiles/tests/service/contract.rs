use api_airmiles::http::{document, router};
use service_kit::testing::contract::{is_committed, openapi, routes_what_is_documented};

use crate::harness::Fixture;

#[test]
fn the_committed_contract_is_up_to_date() {
    is_committed("airmiles.openapi.json", &openapi(&document()));
}

#[tokio::test]
async fn airmiles_routes_what_its_contract_says() {
    routes_what_is_documented(router(Fixture::start().await.app.clone()), &document()).await;
}

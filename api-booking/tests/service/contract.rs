//! The router and the committed contract say the same.

use service_kit::testing::routes_what_is_documented;

use crate::shop::Shop;

#[tokio::test]
async fn booking_routes_what_its_contract_says() {
    let document = include_str!("../../../api-types/contracts/booking.openapi.json");
    routes_what_is_documented(Shop::open().await.router.clone(), document).await;
}

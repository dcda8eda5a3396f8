//! Refused bookings.

use reqwest::StatusCode;
use serde_json::json;

use crate::Deployment;
use crate::traveller::booking_request;

/// Noor sends a forged offer, another party, impossible passengers; each is refused and nothing is booked.
pub async fn what_cant_be_sold_is_refused(deployment: &Deployment) {
    let (noor, _) = deployment.member("noor-haddad");
    let (_, before) = noor.get("/api/booking/bookings").await;
    let offer = noor.offers("SFO", "NRT", 50, 1).await[0].clone();
    let good = booking_request(&offer, 1);
    let altered = |path: &str, value| {
        let mut body = good.clone();
        *body.pointer_mut(path).unwrap() = value;
        body
    };
    let mut forged = offer["offer_id"].as_str().unwrap().to_owned();
    let last = if forged.ends_with('A') { "B" } else { "A" };
    forged.replace_range(forged.len() - 1.., last);
    for (number, (body, status, code)) in [
        (altered("/offer_ids/0", json!(forged)), 400, "offer_invalid"),
        (booking_request(&offer, 2), 409, "offer_party_mismatch"),
        (altered("/passengers/0/birth_date", json!("2025-01-01")), 400, "birth_date_mismatch"),
        (altered("/contact/email", json!("no address")), 400, "invalid_request"),
    ]
    .into_iter()
    .enumerate()
    {
        let (answered, problem) = noor.try_post(&body, Some(&format!("refused-{number}"))).await.unwrap();
        assert_eq!((answered.as_u16(), problem["code"].as_str()), (status, Some(code)), "{problem}");
        assert!(problem["errors"][0]["field"].is_string(), "{problem}");
    }
    let (status, page) = noor.get("/api/booking/bookings").await;
    assert_eq!((status, page), (StatusCode::OK, before), "nothing was booked");
}

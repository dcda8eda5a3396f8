//! Public routes.

use reqwest::StatusCode;

use crate::Deployment;
use crate::traveller::day;

/// Airports, offers, fares and an estimate are public; an invalid search is refused with its errors.
pub async fn anybody_searches(deployment: &Deployment) {
    let nobody = deployment.nobody();
    let (status, airports) = nobody.get("/api/booking/airports").await;
    assert_eq!(status, StatusCode::OK, "{airports}");
    assert!(airports["airports"].as_array().unwrap().len() > 100, "{airports}");

    let offers = nobody.offers("SFO", "NRT", 21, 2).await;
    assert!(!offers.is_empty(), "nothing is offered from SFO to NRT");
    for offer in &offers {
        assert!(
            offer["price"]["amount_minor"].as_i64().unwrap() > 0 && offer["miles"].as_i64().unwrap() > 0,
            "{offer}"
        );
        assert!(offer["seats_left"].as_i64().unwrap() >= 2, "{offer}");
    }

    let (status, strip) =
        nobody.get(&format!("/api/booking/fares?from=SFO&to=NRT&date={}&cabin=economy", day(21))).await;
    assert_eq!(status, StatusCode::OK, "{strip}");
    assert_eq!(strip["days"].as_array().unwrap().len(), 7, "{strip}");

    let (status, estimate) =
        nobody.get("/api/airmiles/estimate?from=SFO&to=NRT&cabin=economy&fare_class=Y&tier=coast").await;
    assert_eq!(status, StatusCode::OK, "{estimate}");
    assert!(estimate["miles"].as_i64().unwrap() > 0, "{estimate}");

    for (path, code) in [
        (
            format!(
                "/api/booking/flights?from=SFO&to=QQQ&date={}&adults=1&children=0&infants=0&cabin=economy",
                day(21)
            ),
            "unknown_airport",
        ),
        (
            format!(
                "/api/booking/flights?from=SFO&to=NRT&date={}&adults=1&children=0&infants=0&cabin=economy",
                day(-2)
            ),
            "date_in_past",
        ),
        (
            format!(
                "/api/booking/flights?from=SFO&to=NRT&date={}&adults=10&children=0&infants=0&cabin=economy",
                day(21)
            ),
            "party_size",
        ),
        (
            "/api/booking/flights?from=SFO&to=NRT&date=someday&adults=1&children=0&infants=0&cabin=economy"
                .to_owned(),
            "invalid_request",
        ),
        (
            "/api/airmiles/estimate?from=SFO&to=QQQ&cabin=economy&fare_class=Y&tier=coast".to_owned(),
            "unknown_airport",
        ),
    ] {
        let (status, problem) = nobody.get(&path).await;
        assert_eq!((status.as_u16(), problem["code"].as_str()), (400, Some(code)), "{path}: {problem}");
        assert!(problem["errors"][0]["field"].is_string(), "{path}: {problem}");
    }
}

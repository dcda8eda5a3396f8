//! Searching flights.

use std::collections::{BTreeMap, BTreeSet};

use api_types::{FareFamily, Offer, OfferId};
use axum::http::StatusCode;

use crate::harness::{DAY, KENJI, Shop, request};

#[tokio::test]
async fn each_itinerary_is_offered_in_three_fare_families() {
    let shop = Shop::open().await;
    let offers = shop.offers("from=SFO&to=NRT&cabin=economy&adults=2&children=1&infants=1").await;
    let mut families = BTreeMap::<&str, BTreeSet<FareFamily>>::new();
    for offer in &offers {
        families.entry(&offer.itinerary_id).or_default().insert(offer.fare_family);
        assert_eq!(offer.expires_at, shop.now().plus_secs(20 * 60));
        assert!(offer.seats_left >= 3 && offer.miles.0 > 0 && offer.price.amount_minor > 0, "{offer:?}");
        assert!((1..=2).contains(&offer.segments.len()));
        assert!(offer.offer_id.as_str().len() <= 200, "{}", offer.offer_id.as_str().len());
        let shares = offer.price.shares.iter().map(|share| i64::from(share.count) * share.each_minor);
        assert_eq!(shares.sum::<i64>(), offer.price.amount_minor);
    }
    assert!(families.values().all(|families| families.len() == 3), "{families:?}");
    let ids: BTreeSet<&str> = offers.iter().map(|offer| offer.offer_id.as_str()).collect();
    assert_eq!(ids.len(), offers.len());
    assert!(offers.iter().any(|offer| offer.segments.len() == 1), "there is a nonstop flight");
}

#[tokio::test]
async fn a_city_code_searches_all_its_airports() {
    let shop = Shop::open().await;
    let airports = |offers: &[Offer]| -> BTreeSet<String> {
        offers.iter().map(|offer| offer.segments.last().unwrap().to.to_string()).collect()
    };
    let tokyo = shop.offers("from=SFO&to=TYO").await;
    let narita = shop.offers("from=SFO&to=NRT").await;
    assert_eq!(airports(&tokyo), ["HND".to_owned(), "NRT".to_owned()].into());
    assert_eq!(airports(&narita), ["NRT".to_owned()].into());
}

#[tokio::test]
async fn seats_left_are_those_of_the_fullest_flight() {
    let shop = Shop::open().await;
    let offers = shop.offers("from=SFO&to=NRT&cabin=economy").await;
    let before = offers.into_iter().find(|offer| offer.segments.len() == 2).expect("there is a connection");
    // Sell on the first flight alone.
    let first = &before.segments[0];
    let leg = shop.offers(&format!("from={}&to={}&cabin=economy&adults=3", first.from, first.to)).await;
    let leg = leg
        .iter()
        .find(|offer| offer.segments.len() == 1 && offer.segments[0] == *first)
        .expect("the first flight is sold on its own too");
    let reply = shop.book(KENJI, "leg", &request(&[leg], &["adult"; 3])).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    let leg_after = shop.again(leg, 1).await.unwrap();
    assert_eq!(leg_after.seats_left, leg.seats_left - 3);
    let after = shop.again(&before, 1).await.unwrap();
    assert_eq!(after.seats_left, before.seats_left.min(leg.seats_left - 3));
}

#[tokio::test]
async fn an_itinerary_with_too_few_seats_is_not_offered() {
    let shop = Shop::open().await;
    let offer = shop.nonstop("SFO", "NRT", "business", 1).await;
    shop.sell_down_to(&offer, 2).await;
    assert_eq!(shop.again(&offer, 2).await.unwrap().seats_left, 2);
    assert!(shop.again(&offer, 3).await.is_none());
    shop.sell_down_to(&offer, 0).await;
    assert!(shop.again(&offer, 1).await.is_none());
}

#[tokio::test]
async fn a_refused_search_names_every_wrong_parameter() {
    let shop = Shop::open().await;
    let path = format!("/flights?from=XQZ&to=TOKYO&date={DAY}&adults=two&cabin=steerage");
    insta::assert_snapshot!(shop.get(&path).await.problem(), @r#"
    {
      "code": "invalid_request",
      "detail": "to: expected a three-letter airport or city code such as SFO; adults: expected a number such as 1; cabin: expected economy, premium_economy, business or first",
      "errors": [
        {
          "code": "invalid_request",
          "detail": "expected a three-letter airport or city code such as SFO",
          "field": "to"
        },
        {
          "code": "invalid_request",
          "detail": "expected a number such as 1",
          "field": "adults"
        },
        {
          "code": "invalid_request",
          "detail": "expected economy, premium_economy, business or first",
          "field": "cabin"
        }
      ],
      "status": 400,
      "title": "The request is not valid",
      "type": "urn:tern:problem:invalid_request"
    }
    "#);
    let path = "/flights?from=NRT&to=HND&date=2026-11-20&adults=1&infants=2";
    insta::assert_snapshot!(shop.get(path).await.problem(), @r#"
    {
      "code": "invalid_request",
      "detail": "to: NRT and HND are one city; date: 2026-11-20 is over in NRT; infants: each infant needs an adult's lap: 2 infants, 1 adults",
      "errors": [
        {
          "code": "same_origin_and_destination",
          "detail": "NRT and HND are one city",
          "field": "to"
        },
        {
          "code": "date_in_past",
          "detail": "2026-11-20 is over in NRT",
          "field": "date"
        },
        {
          "code": "infant_without_adult",
          "detail": "each infant needs an adult's lap: 2 infants, 1 adults",
          "field": "infants"
        }
      ],
      "status": 400,
      "title": "The request is not valid",
      "type": "urn:tern:problem:invalid_request"
    }
    "#);
}

#[tokio::test]
async fn each_refusal_of_a_search_has_its_code_and_field() {
    let shop = Shop::open().await;
    for (query, code, field) in [
        ("", "invalid_request", "from"),
        ("from=SFO&date=2026-12-05", "invalid_request", "to"),
        ("from=SFO&to=NRT", "invalid_request", "date"),
        ("from=SFO&to=NRT&date=2026-02-30", "invalid_request", "date"),
        ("from=SF0&to=NRT&date=2026-12-05", "invalid_request", "from"),
        ("from=XQZ&to=NRT&date=2026-12-05", "unknown_airport", "from"),
        ("from=SFO&to=SFO&date=2026-12-05", "same_origin_and_destination", "to"),
        ("from=TYO&to=HND&date=2026-12-05", "same_origin_and_destination", "to"),
        ("from=SFO&to=NRT&date=2026-11-20", "date_in_past", "date"),
        ("from=SFO&to=NRT&date=2027-10-18", "date_too_far", "date"),
        ("from=SFO&to=NRT&date=2026-12-05&adults=10", "party_size", "adults"),
        ("from=SFO&to=NRT&date=2026-12-05&adults=0", "party_size", "adults"),
        ("from=SFO&to=NRT&date=2026-12-05&adults=99999999999", "party_size", "adults"),
        ("from=SFO&to=NRT&date=2026-12-05&adults=-1", "invalid_request", "adults"),
        ("from=SFO&to=NRT&date=2026-12-05&adults=0&infants=1", "infant_without_adult", "adults"),
        ("from=SFO&to=NRT&date=2026-12-05&adults=1&infants=2", "infant_without_adult", "infants"),
        ("from=SFO&to=NRT&date=2026-12-05&cabin=Economy", "invalid_request", "cabin"),
    ] {
        for path in ["/flights", "/fares"] {
            let party = ["party_size", "infant_without_adult"].contains(&code) || field == "adults";
            if path == "/fares" && party {
                continue; // fares are for one adult
            }
            let reply = shop.get(&format!("{path}?{query}")).await;
            assert_eq!(reply.refusal(), (400, code.to_owned()), "{path}?{query}");
            assert_eq!(reply.json()["errors"][0]["field"], field, "{path}?{query}");
        }
    }
}

#[tokio::test]
async fn an_offer_stays_valid_while_its_signing_key_is_replaced() {
    let old = Shop::with_keys(vec![[1; 32]]).await;
    let changed = Shop::with_keys(vec![[2; 32], [1; 32]]).await;
    let offer = old.nonstop("SFO", "NRT", "economy", 1).await;
    let body = request(&[&offer], &["adult"]);
    assert_eq!(changed.book(KENJI, "key", &body).await.status, StatusCode::CREATED);
    let unrelated = Shop::with_keys(vec![[3; 32]]).await;
    assert_eq!(unrelated.book(KENJI, "key", &body).await.refusal(), (400, "offer_invalid".to_owned()));
    let longest: OfferId = "A".repeat(512).parse().unwrap();
    let offer = Offer { offer_id: longest, ..offer };
    let refused = changed.book(KENJI, "long", &request(&[&offer], &["adult"])).await;
    assert_eq!(refused.refusal(), (400, "offer_invalid".to_owned()));
}

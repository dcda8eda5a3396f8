//! A member's list of bookings.

use api_types::{Booking, BookingPage};

use crate::harness::{AMELIA, KENJI, Shop, request};

async fn book(shop: &Shop, member: &str, key: &str) -> Booking {
    let offer = shop.nonstop("SFO", "NRT", "economy", 1).await;
    let booking = shop.book(member, key, &request(&[&offer], &["adult"])).await.read();
    shop.pass_secs(1);
    booking
}

fn locators(bookings: &[Booking]) -> Vec<String> {
    bookings.iter().map(|booking| booking.record_locator.to_string()).collect()
}

#[tokio::test]
async fn a_member_sees_their_own_bookings_newest_first() {
    let shop = Shop::open().await;
    assert_eq!(shop.get_as(KENJI, "/bookings").await.text, r#"{"items":[],"next_cursor":null}"#);
    let mut booked = Vec::new();
    for key in ["one", "two", "three"] {
        booked.insert(0, book(&shop, KENJI, key).await);
        book(&shop, AMELIA, key).await;
    }
    assert_eq!(shop.trips(KENJI).await, booked);
}

#[tokio::test]
async fn paging_neither_skips_nor_repeats_while_bookings_are_added() {
    let shop = Shop::open().await;
    let mut booked = Vec::new();
    for key in 0..7 {
        booked.insert(0, book(&shop, KENJI, &format!("before-{key}")).await);
    }
    let (mut seen, mut path, mut pages) = (Vec::new(), "/bookings?limit=3".to_owned(), 0);
    loop {
        let page: BookingPage = shop.get_as(KENJI, &path).await.read();
        assert!(page.items.len() <= 3);
        seen.extend(page.items);
        pages += 1;
        assert!(pages < 10, "the list doesn't end: {path}");
        book(&shop, KENJI, &format!("meanwhile-{pages}")).await;
        let Some(cursor) = page.next_cursor else { break };
        path = format!("/bookings?limit=3&cursor={cursor}");
    }
    assert_eq!((locators(&seen), pages), (locators(&booked), 3));
}

#[tokio::test]
async fn the_last_page_has_no_cursor() {
    let shop = Shop::open().await;
    for key in ["one", "two"] {
        book(&shop, KENJI, key).await;
    }
    let page: BookingPage = shop.get_as(KENJI, "/bookings?limit=2").await.read();
    assert_eq!((page.items.len(), page.next_cursor), (2, None));
}

#[tokio::test]
async fn a_cursor_shows_no_other_members_bookings() {
    let shop = Shop::open().await;
    for key in ["one", "two"] {
        book(&shop, KENJI, key).await;
    }
    let page: BookingPage = shop.get_as(KENJI, "/bookings?limit=1").await.read();
    let path = format!("/bookings?cursor={}", page.next_cursor.unwrap());
    let theirs: BookingPage = shop.get_as(AMELIA, &path).await.read();
    assert!(theirs.items.is_empty());
}

#[tokio::test]
async fn bad_limits_and_cursors_are_refused_together() {
    let shop = Shop::open().await;
    for limit in ["0", "101", "-1", "many", ""] {
        let reply = shop.get_as(KENJI, &format!("/bookings?limit={limit}")).await;
        assert_eq!(reply.refusal(), (400, "invalid_request".to_owned()), "{limit}");
        assert_eq!(reply.json()["errors"][0]["field"], "limit");
    }
    for cursor in ["", "x", "e30", "%00"] {
        let reply = shop.get_as(KENJI, &format!("/bookings?cursor={cursor}")).await;
        assert_eq!(reply.refusal(), (400, "invalid_cursor".to_owned()), "{cursor}");
    }
    insta::assert_snapshot!(shop.get_as(KENJI, "/bookings?limit=0&cursor=x").await.problem(), @r#"
    {
      "code": "invalid_request",
      "detail": "limit: expected a number from 1 to 100; cursor: expected the next_cursor of the page before",
      "errors": [
        {
          "code": "invalid_request",
          "detail": "expected a number from 1 to 100",
          "field": "limit"
        },
        {
          "code": "invalid_cursor",
          "detail": "expected the next_cursor of the page before",
          "field": "cursor"
        }
      ],
      "status": 400,
      "title": "The request is not valid",
      "type": "urn:tern:problem:invalid_request"
    }
    "#);
}

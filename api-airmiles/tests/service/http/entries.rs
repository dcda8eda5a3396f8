//! `GET /account/entries`: the ledger, page by page.

use api_airmiles::apply_booking::apply_booking;
use api_types::{RecordLocator, Tier};
use serde_json::json;

use super::{enrol_member, get};
use crate::harness::{Fixture, booking, cancelled, fact, now};

#[tokio::test]
async fn the_ledger_comes_newest_first_with_its_running_balance() {
    let fixture = Fixture::start().await;
    enrol_member(&fixture, "kenji-mori", Tier::Ridge, 18_400, 12_300).await;
    let trip = booking("kenji-mori", "K7QZ4M");
    apply_booking(fixture.store(), &fact(&trip, 1), "m-1", now()).await.unwrap();
    apply_booking(fixture.store(), &fact(&cancelled(&trip), 2), "m-2", now()).await.unwrap();
    let (status, body) = get(&fixture, Some("kenji-mori"), "/account/entries").await;
    assert_eq!(status, 200);
    insta::assert_json_snapshot!(body, @r#"
    {
      "items": [
        {
          "balance_after": 18400,
          "description": "Cancelled: SFO to NRT, TN7",
          "entered_at": "2026-11-21T09:30:00Z",
          "entry_id": "K7QZ4M-2",
          "kind": "reversal",
          "miles": -6405,
          "pending_after": 0,
          "record_locator": "K7QZ4M",
          "status": "reversed"
        },
        {
          "balance_after": 18400,
          "description": "SFO to NRT, TN7",
          "entered_at": "2026-11-21T09:30:00Z",
          "entry_id": "K7QZ4M-1",
          "kind": "accrual",
          "miles": 6405,
          "pending_after": 6405,
          "record_locator": "K7QZ4M",
          "status": "pending"
        },
        {
          "balance_after": 18400,
          "description": "Opening balance",
          "entered_at": "2026-11-21T09:30:00Z",
          "entry_id": "opening",
          "kind": "opening",
          "miles": 18400,
          "pending_after": 0,
          "status": "posted"
        }
      ],
      "next_cursor": null
    }
    "#);
}

#[tokio::test]
async fn pages_of_the_ledger_join_without_gap_or_repeat_while_it_grows() {
    let fixture = Fixture::start().await;
    for n in 0..7 {
        let trip = booking("noor-haddad", &RecordLocator::from_random(n).to_string());
        apply_booking(fixture.store(), &fact(&trip, 1), "m", now()).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut path = "/account/entries?limit=3".to_owned();
    loop {
        let (status, page) = get(&fixture, Some("noor-haddad"), &path).await;
        assert_eq!(status, 200, "{page}");
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["pending_after"].as_i64().unwrap() / 5124));
        let newer = booking("noor-haddad", &RecordLocator::from_random(100 + seen.len() as u32).to_string());
        apply_booking(fixture.store(), &fact(&newer, 1), "m", now()).await.unwrap();
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/account/entries?limit=3&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
    // Another member's cursor opens nothing of theirs.
    let (_, page) = get(&fixture, Some("noor-haddad"), "/account/entries?limit=1").await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let (status, page) =
        get(&fixture, Some("kenji-mori"), &format!("/account/entries?cursor={cursor}")).await;
    assert_eq!((status, page), (200, json!({ "items": [], "next_cursor": null })));
}

#[tokio::test]
async fn a_bad_page_is_refused_by_its_field() {
    let fixture = Fixture::start().await;
    for (query, code, field) in [
        ("limit=0", "invalid_request", "limit"),
        ("limit=101", "invalid_request", "limit"),
        ("limit=ten", "invalid_request", "limit"),
        ("limit=-1", "invalid_request", "limit"),
        ("limit=", "invalid_request", "limit"),
        ("cursor=", "invalid_cursor", "cursor"),
        ("cursor=nonsense", "invalid_cursor", "cursor"),
        ("cursor=eyJiZWZvcmVfZW50cnkiOi0xfQ", "invalid_cursor", "cursor"), // {"before_entry":-1}
        ("cursor=eyJiZWZvcmUiOjF9", "invalid_cursor", "cursor"),           // {"before":1}
    ] {
        let (status, body) = get(&fixture, Some("noor-haddad"), &format!("/account/entries?{query}")).await;
        assert_eq!((status, body["code"].as_str()), (400, Some(code)), "{query}: {body}");
        assert_eq!(body["errors"][0]["field"], field, "{query}");
    }
}

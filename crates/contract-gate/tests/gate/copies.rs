use std::fs;

use contract_gate::gate;
use contract_gate::store::Store;

use crate::common::Field;

/// What is said of the question, with the folder's own name left out.
fn error(field: &Field, environment: Option<&str>, service: Option<&str>) -> String {
    let error = gate::check(&field.tree(), &field.store(), environment, service).unwrap_err();
    format!("{error:#}").replace(&field.copies().display().to_string(), "DIR")
}

#[test]
fn an_unknown_environment_or_service_is_said_with_those_there_are() {
    let field = Field::released();
    insta::assert_snapshot!(error(&field, Some("staging"), None), @"there is no environment staging: take one of dev, qa, prod");
    insta::assert_snapshot!(error(&field, None, Some("bookings")), @"there is no service bookings: take one of airmiles, booking, members, web");
    let error = gate::release(&field.tree(), &field.store(), "staging", "web", None).unwrap_err();
    insta::assert_snapshot!(error.to_string(), @"there is no environment staging: take one of dev, qa, prod");
}

#[test]
fn copies_that_cannot_be_found_are_not_taken_for_none() {
    let error = Store::open("/nowhere/released".as_ref()).unwrap_err();
    insta::assert_snapshot!(error.to_string(), @"there is no folder /nowhere/released with released copies: fetch them there, or make it if nothing was ever released");
}

#[test]
fn a_missing_copy_is_missed_by_who_was_built_with_it() {
    let field = Field::released();
    fs::remove_file(field.copies().join("qa/booking.json")).unwrap();
    insta::assert_snapshot!(error(&field, Some("qa"), Some("airmiles")), @"the released copy of booking in qa is missing, although airmiles was released there against it: put DIR/qa/booking.json back");
    field.release("qa", "booking");
    assert_eq!(field.refusals("airmiles"), "", "noting its release once more puts it back too");
}

#[test]
fn a_damaged_copy_is_refused() {
    let field = Field::released();
    let path = field.copies().join("qa/booking.json");
    let half = fs::read_to_string(&path).unwrap();
    fs::write(&path, &half[..half.len() / 2]).unwrap();
    let said = error(&field, Some("qa"), Some("web"));
    assert!(
        said.starts_with("the released copy DIR/qa/booking.json is damaged: restore its last version: "),
        "{said}"
    );
    fs::write(&path, "{}").unwrap();
    insta::assert_snapshot!(error(&field, Some("qa"), Some("web")), @"the released copy DIR/qa/booking.json is damaged: restore its last version: missing field `environment` at line 1 column 2");
}

#[test]
fn a_copy_in_a_wrong_place_is_refused() {
    let field = Field::released();
    fs::create_dir(field.copies().join("prod")).unwrap();
    fs::copy(field.copies().join("qa/members.json"), field.copies().join("prod/members.json")).unwrap();
    insta::assert_snapshot!(error(&field, Some("prod"), Some("members")), @"the released copy DIR/prod/members.json is that of members in qa: put it where it belongs");
}

#[test]
fn a_copy_that_contradicts_itself_is_said() {
    let field = Field::released();
    let path = field.copies().join("qa/web.json");
    let copy = fs::read_to_string(&path).unwrap().replace("offers[].miles", "offers[].meal");
    fs::write(&path, copy).unwrap();
    insta::assert_snapshot!(field.refusals("booking"), @"Web in qa registered `offers[].meal` of GET /flights, which the Booking that it was built with doesn't have. Web: correct the registration and release to qa again.");
}

#[test]
fn a_copy_is_there_whole_or_not_at_all() {
    let field = Field::released();
    let store = field.store();
    let before = store.running("qa").unwrap();
    fs::write(field.copies().join("qa/booking.unfinished"), "{ \"environ").unwrap();
    assert_eq!(store.running("qa").unwrap(), before);
    field.release("qa", "booking");
    assert!(!field.copies().join("qa/booking.unfinished").exists());
    assert_eq!(store.running("qa").unwrap(), before);
}

#[test]
fn a_contract_that_cannot_be_compared_is_refused_rather_than_let_through() {
    let field = Field::new();
    field.change("booking.openapi.json", |document| {
        document["components"]["schemas"]["Iata"]["not"] = serde_json::json!({"const": "XXX"});
    });
    let error = contract_gate::tree::Tree::read(&field.checkout()).unwrap_err();
    let said = format!("{error:#}");
    assert!(said.starts_with("Booking's contract: its OpenAPI document: `GET /"), "{said}");
    assert!(said.ends_with("`not` can't be compared: leave it out, or extend the contract gate"), "{said}");
}

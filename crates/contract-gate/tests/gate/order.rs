use contract_gate::gate;
use serde_json::json;

use crate::common::{Field, take_out};

const DOCUMENT: &str = "booking.openapi.json";
const WEB: &str = "../../frontend/registration.json";

/// A checkout in which offers tell the meal, and the web app reads it.
fn with_meals(field: &Field) {
    field.change(DOCUMENT, |document| {
        let offer = &mut document["components"]["schemas"]["Offer"];
        offer["properties"]["meal"] = json!({"type": "string"});
        offer["required"].as_array_mut().unwrap().push("meal".into());
    });
    field.change(WEB, |web| {
        let reads = &mut web["reads"]["booking"]["operations"]["GET /flights"]["reads"];
        reads.as_array_mut().unwrap().push("offers[].meal".into());
    });
}

/// A checkout in which offers no longer tell their miles, and the web app no longer reads them.
fn without_miles(field: &Field) {
    field.change(WEB, |web| {
        let reads = &mut web["reads"]["booking"]["operations"]["GET /flights"]["reads"];
        reads.as_array_mut().unwrap().retain(|read| read != "offers[].miles");
    });
    field.change(DOCUMENT, |document| take_out(&mut document["components"]["schemas"]["Offer"], "miles"));
}

#[test]
fn who_reads_something_new_is_released_after_who_gives_it() {
    let field = Field::released();
    with_meals(&field);
    insta::assert_snapshot!(field.refusals("web"), @"Web reads `offers[].meal` of GET /flights, which Booking in qa doesn't have. Web: wait until this Booking is released to qa.");
    assert_eq!(field.refusals("booking"), "");
    field.release("qa", "booking");
    assert_eq!(field.refusals("web"), "");
}

#[test]
fn who_does_without_at_need_may_be_released_before_who_gives_it() {
    let field = Field::released();
    with_meals(&field);
    field.change(WEB, |web| {
        let reads = &mut web["reads"]["booking"]["operations"]["GET /flights"]["reads"];
        let meal = reads.as_array_mut().unwrap().iter_mut().find(|read| *read == "offers[].meal").unwrap();
        *meal = "offers[].meal?".into();
    });
    let verdict = field.check("web");
    assert_eq!(verdict.refusals, [""; 0]);
    insta::assert_snapshot!(verdict.notes.join("\n"), @"Web reads `offers[].meal` of GET /flights, which Booking in qa doesn't have. Web: wait until this Booking is released to qa.");
}

/// The page of the release before stays open in browsers; so the web app has to be released twice.
#[test]
fn who_gives_something_no_longer_is_released_after_who_read_it() {
    let field = Field::released();
    without_miles(&field);
    insta::assert_snapshot!(field.refusals("booking"), @"Web in qa reads `offers[].miles` of GET /flights, which this Booking doesn't have. Booking: keep it until qa runs a version of Web that does without it.");
    field.release("qa", "web");
    insta::assert_snapshot!(field.refusals("booking"), @"A former page of Web that browsers may hold in qa reads `offers[].miles` of GET /flights, which this Booking doesn't have. Booking: keep it until Web is released to qa once more.");
    field.release("qa", "web");
    let verdict = field.check("booking");
    assert_eq!(verdict.refusals, [""; 0]);
    insta::assert_snapshot!(verdict.notes.join("\n"), @"qa: no consumer depends on `offers[].miles` of GET /flights, which this Booking doesn't have");
}

#[test]
fn a_release_noted_twice_is_one_release() {
    let field = Field::released();
    without_miles(&field);
    let note = |name| gate::release(&field.tree(), &field.store(), "qa", "web", Some(name)).unwrap();
    note("8c1f");
    note("8c1f");
    assert_ne!(field.refusals("booking"), "", "the page before it is still held");
    note("d05a");
    assert_eq!(field.refusals("booking"), "");
}

#[test]
fn a_consumer_is_not_released_before_its_provider_is_there() {
    let field = Field::new();
    field.release("qa", "members");
    insta::assert_snapshot!(field.refusals("airmiles"), @"Airmiles reads Booking, which is not released in qa yet. Airmiles: wait until it is.");
    field.release("qa", "booking");
    assert_eq!(field.refusals("airmiles"), "");
}

#[test]
fn the_first_release_passes_and_says_so() {
    let verdict = Field::new().check("members");
    assert_eq!(verdict.refusals, [""; 0]);
    insta::assert_snapshot!(verdict.notes.join("\n"), @"Members would be released in qa for the first time");
}

#[test]
fn without_a_service_what_is_still_to_come_is_a_matter_of_order() {
    let field = Field::released();
    with_meals(&field);
    let verdict = gate::check(&field.tree(), &field.store(), None, None).unwrap();
    assert_eq!(verdict.refusals, [""; 0]);
    insta::assert_snapshot!(verdict.notes.join("\n"), @r"
    qa: Booking adds `offers[].meal` of GET /flights
    Web reads `offers[].meal` of GET /flights, which Booking in qa doesn't have. Web: wait until this Booking is released to qa.
    ");
    insta::assert_snapshot!(verdict.held.join("\n"), @"qa: airmiles, booking, members, web compared with 4 released copies and 3 registered consumers");
}

#[test]
fn without_an_environment_all_are_asked_that_anything_was_released_into() {
    let field = Field::released();
    for service in ["members", "booking", "airmiles"] {
        field.release("prod", service);
    }
    without_miles(&field);
    let verdict = gate::check(&field.tree(), &field.store(), None, Some("booking")).unwrap();
    assert_eq!(verdict.refusals.len(), 1, "the web app is in qa only: {:?}", verdict.refusals);
    insta::assert_snapshot!(verdict.held.join("\n"), @r"
    qa: booking compared with 4 released copies and 2 registered consumers
    prod: booking compared with 3 released copies and 1 registered consumer
    ");
}

#[test]
fn a_registration_that_names_what_is_not_there_is_found_without_any_release() {
    let field = Field::new();
    field.change(WEB, |web| {
        let reads = &mut web["reads"]["airmiles"]["operations"]["GET /account"]["reads"];
        reads.as_array_mut().unwrap().push("fortune".into());
    });
    let verdict = gate::check(&field.tree(), &field.store(), None, None).unwrap();
    insta::assert_snapshot!(verdict.refusals.join("\n"), @"Web reads `fortune` of GET /account, which this Airmiles doesn't have. Airmiles: keep it until Web's team has released a version that does without it.");
    insta::assert_snapshot!(verdict.held.join("\n"), @"no release is recorded in any environment");
}

#[test]
fn a_check_lists_what_a_release_adds() {
    let field = Field::released();
    field.change(DOCUMENT, |document| {
        document["paths"]["/menus"] = document["paths"]["/airports"].clone();
        document["components"]["schemas"]["Offer"]["properties"]["meal"] = json!({"type": "string"});
        let parameters = document["paths"]["/fares"]["get"]["parameters"].as_array_mut().unwrap();
        parameters.push(json!({"in": "query", "name": "currency", "schema": {"type": "string"}}));
    });
    field.change("booking-event.schema.json", |schema| {
        schema["$defs"]["EventType"]["enum"].as_array_mut().unwrap().push("booking.flown.v1".into());
    });
    field.change("booking.outputs.json", |outputs| outputs["TableName"] = "The table".into());
    let verdict = field.check("booking");
    assert_eq!(verdict.refusals, [""; 0]);
    insta::assert_snapshot!(verdict.notes.join("\n"), @r"
    qa: Booking adds GET /menus
    qa: Booking adds `offers[].meal` of GET /flights
    qa: Booking adds `query.currency` to GET /fares
    qa: Booking adds booking.flown.v1
    qa: Booking adds the output `TableName`
    ");
}

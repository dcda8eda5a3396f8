use serde_json::{Value, json};

use crate::common::{Change, Field, may_lack, take_out};

const EVENTS: &str = "booking-event.schema.json";

/// What Booking's release into qa would break if its events were so changed.
fn refused(change: impl FnOnce(&mut Value)) -> String {
    Field::released().change(EVENTS, change).refusals("booking")
}

#[test]
fn a_field_that_airmiles_reads_must_stay() {
    let said = refused(|schema| take_out(&mut schema["$defs"]["Segment"], "distance_mi"));
    insta::assert_snapshot!(said, @r"
    Airmiles reads `data.bounds[].segments[].distance_mi` of booking.cancelled.v1 and booking.confirmed.v1, which the contract of Booking doesn't have: mend that, or correct api-types/contracts/consumers/airmiles.json
    Airmiles in qa reads `data.bounds[].segments[].distance_mi` of booking.cancelled.v1 and booking.confirmed.v1, which Booking would no longer give: keep it, or first release to qa a version of Airmiles that does without it
    ");
}

#[test]
fn a_field_must_go_on_being_there_always_and_being_what_it_is() {
    let said = refused(|schema| {
        may_lack(&mut schema["$defs"]["BookedBound"], "fare_class");
        schema["$defs"]["Segment"]["properties"]["distance_mi"] = json!({"type": "number"});
    });
    insta::assert_snapshot!(said, @r"
    Airmiles in qa reads `data.bounds[].fare_class` of booking.cancelled.v1 and booking.confirmed.v1, which Booking would give only at times: leave it as it is, or first release to qa a version of Airmiles that copes with that
    Airmiles in qa reads `data.bounds[].segments[].distance_mi` of booking.cancelled.v1 and booking.confirmed.v1, which Booking would give as number instead of integer: leave it as it is, or first release to qa a version of Airmiles that copes with that
    ");
}

#[test]
fn a_further_value_breaks_who_knows_the_values() {
    let said = refused(|schema| {
        schema["$defs"]["Cabin"]["enum"].as_array_mut().unwrap().push("residence".into());
    });
    insta::assert_snapshot!(said, @"Airmiles in qa reads `data.bounds[].cabin` of booking.cancelled.v1 and booking.confirmed.v1, which Booking would give as `residence` too: leave it as it is, or first release to qa a version of Airmiles that copes with that");
}

#[test]
fn a_type_of_another_meaning_is_another_type() {
    let said = refused(|schema| {
        schema["$defs"]["EventType"]["enum"] = json!(["booking.confirmed.v2", "booking.cancelled.v1"]);
    });
    insta::assert_snapshot!(said, @r"
    Airmiles takes booking.confirmed.v1, which the contract of Booking doesn't have: mend that, or correct api-types/contracts/consumers/airmiles.json
    Airmiles in qa takes booking.confirmed.v1, which Booking would no longer publish: keep it, or first release to qa a version of Airmiles that does without it
    ");
}

#[test]
fn fields_must_go_on_meaning_what_they_mean() {
    insta::assert_snapshot!(refused(|schema| schema["$id"] = "urn:tern:schema:booking-event:2".into()), @"Airmiles in qa reads events, which Booking would publish as urn:tern:schema:booking-event:2 instead of urn:tern:schema:booking-event:1: keep it, or first release to qa a version of Airmiles that does without it");
}

#[test]
fn what_breaks_nobody_is_let_through() {
    let changes: [Change; 4] = [
        ("a type more: no subscription lets it through", |schema| {
            schema["$defs"]["EventType"]["enum"].as_array_mut().unwrap().push("booking.flown.v1".into());
        }),
        ("a field more", |schema| {
            schema["$defs"]["Segment"]["properties"]["gate"] = json!({"type": "string"});
        }),
        ("a value fewer", |schema| {
            schema["$defs"]["PassengerType"]["enum"] = json!(["adult", "child"]);
        }),
        ("an optional field that is now always there", |schema| {
            let envelope = &mut schema["$defs"]["EventEnvelope_BookingState"];
            envelope["required"].as_array_mut().unwrap().push("traceparent".into());
        }),
    ];
    for (what, change) in changes {
        let verdict = Field::released().change(EVENTS, change).check("booking");
        assert_eq!((verdict.refusals, verdict.notes), (vec![], vec![]), "{what}");
    }
}

/// Nothing would fail; but what nobody needs any more is for its reader to say.
#[test]
fn what_its_reader_does_without_at_need_is_read_all_the_same() {
    let said = refused(|schema| {
        schema["$defs"]["EventEnvelope_BookingState"]["properties"]
            .as_object_mut()
            .unwrap()
            .remove("traceparent");
    });
    insta::assert_snapshot!(said, @r"
    Airmiles reads `traceparent` of booking.cancelled.v1 and booking.confirmed.v1, which the contract of Booking doesn't have: mend that, or correct api-types/contracts/consumers/airmiles.json
    Airmiles in qa reads `traceparent` of booking.cancelled.v1 and booking.confirmed.v1, which Booking would no longer give: keep it, or first release to qa a version of Airmiles that does without it
    ");
}

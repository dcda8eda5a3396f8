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
    Airmiles reads `data.bounds[].segments[].distance_mi` of events, which this Booking doesn't have. Booking: keep it until Airmiles's team has released a version that does without it.
    Airmiles in qa reads `data.bounds[].segments[].distance_mi` of events, which this Booking doesn't have. Booking: keep it until qa runs a version of Airmiles that does without it.
    ");
}

#[test]
fn a_field_that_no_consumer_reads_may_go() {
    assert_eq!(refused(|schema| take_out(&mut schema["$defs"]["Segment"], "aircraft")), "");
}

#[test]
fn a_field_must_go_on_being_there_always_and_being_what_it_is() {
    let said = refused(|schema| {
        may_lack(&mut schema["$defs"]["BookedBound"], "fare_class");
        schema["$defs"]["Segment"]["properties"]["distance_mi"] = json!({"type": "number"});
    });
    insta::assert_snapshot!(said, @r"
    Airmiles in qa reads `data.bounds[].fare_class` of events, which this Booking may leave out. Booking: leave it as it was until qa runs a version of Airmiles that copes with that.
    Airmiles in qa reads `data.bounds[].segments[].distance_mi` of events, where this Booking may give number. Booking: leave it as it was until qa runs a version of Airmiles that copes with that.
    ");
}

#[test]
fn a_further_value_breaks_who_knows_the_values() {
    let said = refused(|schema| {
        schema["$defs"]["PassengerType"]["enum"].as_array_mut().unwrap().push("senior".into());
    });
    insta::assert_snapshot!(said, @"Airmiles in qa reads `data.passengers[].type` of events, where this Booking may give `senior`. Booking: leave it as it was until qa runs a version of Airmiles that copes with that.");
}

#[test]
fn a_type_of_another_meaning_is_another_type() {
    let said = refused(|schema| {
        schema["$defs"]["EventType"]["enum"] = json!(["booking.confirmed.v2", "booking.cancelled.v1"]);
    });
    insta::assert_snapshot!(said, @r"
    Airmiles consumes booking.confirmed.v1, which this Booking doesn't have. Booking: keep it until Airmiles's team has released a version that does without it.
    Airmiles in qa consumes booking.confirmed.v1, which this Booking doesn't have. Booking: keep it until qa runs a version of Airmiles that does without it.
    ");
}

#[test]
fn fields_must_go_on_meaning_what_they_mean() {
    insta::assert_snapshot!(refused(|schema| schema["$id"] = "urn:tern:schema:booking-event:2".into()), @"Airmiles in qa reads events, which this Booking publishes as urn:tern:schema:booking-event:2. Booking: leave it as it was until qa runs a version of Airmiles that copes with that.");
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
        assert_eq!(verdict.refusals, [""; 0], "{what}");
        assert!(
            verdict.notes.iter().all(|note| note.starts_with("qa: Booking adds ")),
            "{what}: {:?}",
            verdict.notes
        );
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
    Airmiles reads `traceparent` of events, which this Booking doesn't have. Booking: keep it until Airmiles's team has released a version that does without it.
    Airmiles in qa reads `traceparent` of events, which this Booking doesn't have. Booking: keep it until qa runs a version of Airmiles that does without it.
    ");
}

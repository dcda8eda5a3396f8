use serde_json::{Value, json};

use crate::common::{Field, take_out};

/// What Booking's release into qa would break if its document were so changed.
fn refused(change: impl FnOnce(&mut Value)) -> String {
    Field::released().change("booking.openapi.json", change).refusals("booking")
}

fn parameter<'a>(document: &'a mut Value, path: &str, name: &str) -> &'a mut Value {
    let parameters = document["paths"][path]["get"]["parameters"].as_array_mut().unwrap();
    parameters.iter_mut().find(|parameter| parameter["name"] == name).unwrap()
}

fn add_parameter(document: &mut Value, required: bool) {
    let parameters = document["paths"]["/fares"]["get"]["parameters"].as_array_mut().unwrap();
    let schema = json!({"type": "string"});
    parameters.push(json!({"in": "query", "name": "currency", "required": required, "schema": schema}));
}

#[test]
fn a_parameter_that_must_be_sent_breaks_who_does_not_send_it() {
    insta::assert_snapshot!(refused(|document| add_parameter(document, true)), @r"
    Web doesn't send `query.currency` to GET /fares, which this Booking requires. Booking: leave it optional until Web's team has released a version that always sends it.
    Web in qa doesn't send `query.currency` to GET /fares, which this Booking requires. Booking: leave it optional until qa runs a version of Web that always sends it.
    ");
    assert_eq!(refused(|document| add_parameter(document, false)), "");
}

#[test]
fn a_parameter_that_is_sent_must_go_on_being_taken() {
    let said = refused(|document| {
        let parameters = document["paths"]["/flights"]["get"]["parameters"].as_array_mut().unwrap();
        parameters.retain(|parameter| parameter["name"] != "infants");
    });
    insta::assert_snapshot!(said, @r"
    Web sends `query.infants` to GET /flights, which this Booking doesn't have. Booking: keep it until Web's team has released a version that does without it.
    Web in qa sends `query.infants` to GET /flights, which this Booking doesn't take. Booking: keep it until qa runs a version of Web that does without it.
    ");
}

#[test]
fn a_bound_may_widen_and_not_narrow() {
    let adults = |most: u8| {
        refused(move |document| parameter(document, "/flights", "adults")["schema"]["maximum"] = most.into())
    };
    insta::assert_snapshot!(adults(6), @"Web in qa sends `query.adults` to GET /flights, where this Booking refuses values outside the maximum 6. Booking: leave it as it was until qa runs a version of Web that copes with that.");
    assert_eq!(adults(12), "");
}

#[test]
fn a_value_that_may_be_sent_must_go_on_being_taken() {
    let fewer = json!({"type": "string", "enum": ["economy", "premium_economy", "business"]});
    let said = refused(|document| parameter(document, "/fares", "cabin")["schema"] = fewer);
    insta::assert_snapshot!(said, @"Web in qa sends `query.cabin` to GET /fares, where this Booking refuses `first`. Booking: leave it as it was until qa runs a version of Web that copes with that.");
    let more =
        json!({"type": "string", "enum": ["economy", "premium_economy", "business", "first", "residence"]});
    assert_eq!(refused(|document| parameter(document, "/fares", "cabin")["schema"] = more), "");
}

#[test]
fn another_pattern_may_refuse_what_was_taken() {
    let said = refused(|document| {
        document["components"]["schemas"]["OfferId"]["pattern"] = "^[A-Za-z0-9]{1,512}$".into();
    });
    insta::assert_snapshot!(said, @r"
    Web in qa sends `body.offer_ids[]` to POST /bookings, where this Booking refuses values outside the pattern `^[A-Za-z0-9]{1,512}$`. Booking: leave it as it was until qa runs a version of Web that copes with that.
    Web in qa reads `offers[].offer_id` of GET /flights, where this Booking may give values outside the pattern `^[A-Za-z0-9_.-]{1,512}$`. Booking: leave it as it was until qa runs a version of Web that copes with that.
    ");
}

#[test]
fn a_field_that_is_left_out_at_times_must_not_become_required() {
    let said = refused(|document| {
        // As a passenger is sent; what is answered keeps its own shape.
        let mut sent = document["components"]["schemas"]["Passenger"].clone();
        sent["required"].as_array_mut().unwrap().push("given_name".into());
        document["components"]["schemas"]["SentPassenger"] = sent;
        document["components"]["schemas"]["BookingRequest"]["properties"]["passengers"]["items"] =
            json!({"$ref": "#/components/schemas/SentPassenger"});
    });
    insta::assert_snapshot!(said, @"Web in qa doesn't always send `body.passengers[].given_name` to POST /bookings, which this Booking requires. Booking: leave it optional until qa runs a version of Web that always sends it.");
}

#[test]
fn a_field_of_the_body_must_go_on_being_taken() {
    let said =
        refused(|document| take_out(&mut document["components"]["schemas"]["BookingRequest"], "contact"));
    insta::assert_snapshot!(said, @r"
    Web sends `body.contact` to POST /bookings, which this Booking doesn't have. Booking: keep it until Web's team has released a version that does without it.
    Web in qa sends `body.contact` to POST /bookings, which this Booking doesn't take. Booking: keep it until qa runs a version of Web that does without it.
    ");
}

use serde_json::{Value, json};

use crate::common::{Change, Field, may_lack, take_out};

/// What Booking's release into qa would break if its document were so changed.
fn refused(change: impl FnOnce(&mut Value)) -> String {
    Field::released().change("booking.openapi.json", change).refusals("booking")
}

fn schema<'a>(document: &'a mut Value, name: &str) -> &'a mut Value {
    &mut document["components"]["schemas"][name]
}

#[test]
fn a_field_that_the_web_app_reads_must_stay() {
    insta::assert_snapshot!(refused(|document| take_out(schema(document, "Offer"), "miles")), @r"
    Web reads `offers[].miles` of GET /flights, which this Booking doesn't have. Booking: keep it until Web's team has released a version that does without it.
    Web in qa reads `offers[].miles` of GET /flights, which this Booking doesn't have. Booking: keep it until qa runs a version of Web that does without it.
    ");
}

#[test]
fn an_operation_that_the_web_app_calls_must_stay() {
    let removed = refused(|document| {
        document["paths"].as_object_mut().unwrap().remove("/fares");
    });
    insta::assert_snapshot!(removed, @r"
    Web calls GET /fares, which this Booking doesn't have. Booking: keep it until Web's team has released a version that does without it.
    Web in qa calls GET /fares, which this Booking doesn't have. Booking: keep it until qa runs a version of Web that does without it.
    ");
}

#[test]
fn a_field_must_go_on_being_what_it_is() {
    insta::assert_snapshot!(
        refused(|document| schema(document, "Offer")["properties"]["seats_left"] = json!({"type": "string"})),
        @"Web in qa reads `offers[].seats_left` of GET /flights, where this Booking may give string. Booking: leave it as it was until qa runs a version of Web that copes with that."
    );
}

#[test]
fn a_field_must_go_on_being_there_always() {
    insta::assert_snapshot!(refused(|document| may_lack(schema(document, "Metro"), "city")), @"Web in qa reads `metros[].city` of GET /airports, which this Booking may leave out. Booking: leave it as it was until qa runs a version of Web that copes with that.");
}

#[test]
fn a_field_must_not_become_null() {
    let nullable = json!({"type": ["string", "null"]});
    let said = refused(|document| schema(document, "Metro")["properties"]["city"] = nullable);
    insta::assert_snapshot!(said, @"Web in qa reads `metros[].city` of GET /airports, where this Booking may give null. Booking: leave it as it was until qa runs a version of Web that copes with that.");
}

#[test]
fn a_further_value_of_a_field_breaks_who_knows_the_values() {
    let said = refused(|document| {
        document["paths"].as_object_mut().unwrap().retain(|path, _| path != "/bookings/{record_locator}");
        schema(document, "BookingStatus")["enum"] = json!(["confirmed", "cancelled", "waitlisted"]);
    });
    insta::assert_snapshot!(said, @r"
    Web calls GET /bookings/{record_locator}, which this Booking doesn't have. Booking: keep it until Web's team has released a version that does without it.
    Web in qa calls GET /bookings/{record_locator}, which this Booking doesn't have. Booking: keep it until qa runs a version of Web that does without it.
    Web in qa reads `items[].status` of GET /bookings, where this Booking may give `waitlisted`. Booking: leave it as it was until qa runs a version of Web that copes with that.
    Web in qa reads `status` of POST /bookings, where this Booking may give `waitlisted`. Booking: leave it as it was until qa runs a version of Web that copes with that.
    ");
}

#[test]
fn a_further_problem_code_breaks_who_knows_the_codes() {
    let said = refused(|document| {
        schema(document, "ProblemCode")["enum"].as_array_mut().unwrap().push("grounded".into());
    });
    insta::assert_snapshot!(said, @r"
    Web in qa reads `code` of refusals, where this Booking may give `grounded`. Booking: leave it as it was until qa runs a version of Web that copes with that.
    Web in qa reads `errors[].code` of refusals, where this Booking may give `grounded`. Booking: leave it as it was until qa runs a version of Web that copes with that.
    ");
}

#[test]
fn success_must_go_on_being_told_by_the_same_status() {
    let said = refused(|document| {
        let responses = document["paths"]["/bookings"]["post"]["responses"].as_object_mut().unwrap();
        let reply = responses.remove("201").unwrap();
        responses.insert("202".to_owned(), reply);
    });
    insta::assert_snapshot!(said, @r"
    Web in qa calls POST /bookings, which this Booking doesn't answer with 201 and JSON. Booking: leave it as it was until qa runs a version of Web that copes with that.
    Web in qa calls POST /bookings, which this Booking may answer with 202. Booking: leave it as it was until qa runs a version of Web that copes with that.
    ");
}

#[test]
fn an_operation_must_stay_open_to_whom_it_was() {
    let said = refused(|document| {
        document["paths"]["/airports"]["get"]["security"] = json!([{"member": []}]);
    });
    insta::assert_snapshot!(said, @"Web in qa calls GET /airports, which this Booking opens to member only. Booking: leave it as it was until qa runs a version of Web that copes with that.");
}

#[test]
fn what_breaks_nobody_is_let_through() {
    let changes: [Change; 7] = [
        ("a field more", |document| {
            schema(document, "Offer")["properties"]["meal"] = json!({"type": "string"});
        }),
        ("an operation more", |document| {
            document["paths"]["/menus"] = document["paths"]["/airports"].clone();
        }),
        ("one value fewer", |document| schema(document, "BookingStatus")["enum"] = json!(["confirmed"])),
        ("an optional field that is now always there", |document| {
            schema(document, "Metro")["required"].as_array_mut().unwrap().push("aliases".into());
        }),
        ("other words", |document| {
            schema(document, "Airport")["properties"]["aliases"]["description"] = "Other names.".into();
        }),
        ("an operation for members that is now open", |document| {
            document["paths"]["/bookings/{record_locator}"]["get"]
                .as_object_mut()
                .unwrap()
                .remove("security");
        }),
        ("another reply to an unchanged page", |document| {
            document["paths"]["/airports"]["get"]["responses"].as_object_mut().unwrap().remove("304");
        }),
    ];
    for (what, change) in changes {
        let field = Field::released();
        let verdict = field.change("booking.openapi.json", change).check("booking");
        assert_eq!(verdict.refusals, [""; 0], "{what}");
        assert!(
            verdict.notes.iter().all(|note| note.starts_with("qa: Booking adds ")),
            "{what}: {:?}",
            verdict.notes
        );
    }
}

#[test]
fn what_nobody_registered_may_go_and_is_said() {
    let field = Field::released();
    field.change("airmiles.openapi.json", |document| {
        document["paths"].as_object_mut().unwrap().remove("/estimate");
    });
    let verdict = field.check("airmiles");
    assert_eq!(verdict.refusals, [""; 0]);
    insta::assert_snapshot!(verdict.notes.join("\n"), @"qa: no consumer depends on GET /estimate, which this Airmiles doesn't have");
}

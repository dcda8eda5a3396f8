use crate::common::Field;

#[test]
fn an_output_that_is_looked_up_must_stay() {
    let field = Field::released();
    field.change("booking.outputs.json", |outputs| {
        outputs.as_object_mut().unwrap().remove("ApiDomain");
    });
    insta::assert_snapshot!(field.refusals("booking"), @r"
    Web looks up the output `ApiDomain`, which the contract of Booking doesn't have: mend that, or correct api-types/contracts/consumers/web.json
    Web in qa looks up the output `ApiDomain`, which Booking would no longer put out: keep it, or first release to qa a version of Web that does without it
    ");
}

#[test]
fn everybody_who_looks_it_up_is_named() {
    let field = Field::released();
    field.change("members.outputs.json", |outputs| {
        outputs.as_object_mut().unwrap().remove("UserPoolArn");
    });
    insta::assert_snapshot!(field.refusals("members"), @r"
    Airmiles looks up the output `UserPoolArn`, which the contract of Members doesn't have: mend that, or correct api-types/contracts/consumers/airmiles.json
    Booking looks up the output `UserPoolArn`, which the contract of Members doesn't have: mend that, or correct api-types/contracts/consumers/booking.json
    Airmiles in qa looks up the output `UserPoolArn`, which Members would no longer put out: keep it, or first release to qa a version of Airmiles that does without it
    Booking in qa looks up the output `UserPoolArn`, which Members would no longer put out: keep it, or first release to qa a version of Booking that does without it
    ");
}

#[test]
fn an_output_of_another_name_is_told_by_its_meaning() {
    let field = Field::released();
    field.change("booking.outputs.json", |outputs| {
        let meaning = outputs.as_object_mut().unwrap().remove("TopicArn").unwrap();
        outputs["EventsTopicArn"] = meaning;
    });
    insta::assert_snapshot!(field.refusals("booking"), @r"
    Airmiles looks up the output `TopicArn`, which the contract of Booking doesn't have: mend that, or correct api-types/contracts/consumers/airmiles.json
    Airmiles in qa looks up the output `TopicArn`, which Booking would put out as `EventsTopicArn`: keep it, or first release to qa a version of Airmiles that does without it
    ");
}

#[test]
fn an_output_that_is_described_otherwise_is_said() {
    let field = Field::released();
    field.change("booking.outputs.json", |outputs| {
        outputs["TopicArn"] = "Where bookings are asked for".into()
    });
    let verdict = field.check("booking");
    assert_eq!(verdict.refusals, [""; 0]);
    insta::assert_snapshot!(verdict.notes.join("\n"), @"qa: the output `TopicArn` of Booking is described otherwise than there: a new meaning needs a new name");
}

#[test]
fn an_output_more_breaks_nobody_and_one_that_nobody_looks_up_may_go() {
    let field = Field::released();
    field.change("booking.outputs.json", |outputs| {
        outputs.as_object_mut().unwrap().remove("ApiStage");
        outputs["TableName"] = "Where bookings are".into();
    });
    let verdict = field.check("booking");
    assert_eq!(verdict.refusals, [""; 0]);
    insta::assert_snapshot!(verdict.notes.join("\n"), @"qa: nobody registered to depend on the output `ApiStage`, which Booking would no longer put out");
}

use crate::common::Field;

#[test]
fn an_output_that_is_looked_up_must_stay() {
    let field = Field::released();
    field.change("booking.outputs.json", |outputs| {
        outputs.as_object_mut().unwrap().remove("ApiDomain");
    });
    insta::assert_snapshot!(field.refusals("booking"), @r"
    Web looks up the output `ApiDomain`, which this Booking doesn't have. Booking: keep it until Web's team has released a version that does without it.
    Web in qa looks up the output `ApiDomain`, which this Booking doesn't have. Booking: keep it until qa runs a version of Web that does without it.
    ");
}

#[test]
fn everybody_who_looks_it_up_is_named() {
    let field = Field::released();
    field.change("members.outputs.json", |outputs| {
        outputs.as_object_mut().unwrap().remove("UserPoolArn");
    });
    insta::assert_snapshot!(field.refusals("members"), @r"
    Airmiles looks up the output `UserPoolArn`, which this Members doesn't have. Members: keep it until Airmiles's team has released a version that does without it.
    Booking looks up the output `UserPoolArn`, which this Members doesn't have. Members: keep it until Booking's team has released a version that does without it.
    Airmiles in qa looks up the output `UserPoolArn`, which this Members doesn't have. Members: keep it until qa runs a version of Airmiles that does without it.
    Booking in qa looks up the output `UserPoolArn`, which this Members doesn't have. Members: keep it until qa runs a version of Booking that does without it.
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
    Airmiles looks up the output `TopicArn`, which this Booking doesn't have. Booking: keep it until Airmiles's team has released a version that does without it.
    Airmiles in qa looks up the output `TopicArn`, which this Booking calls `EventsTopicArn`. Booking: keep it until qa runs a version of Airmiles that does without it.
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
    insta::assert_snapshot!(verdict.notes.join("\n"), @"qa: the output `TopicArn` of Booking has another description: a new meaning needs a new name");
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
    insta::assert_snapshot!(verdict.notes.join("\n"), @r"
    qa: no consumer depends on the output `ApiStage`, which this Booking doesn't have
    qa: Booking adds the output `TableName`
    ");
}

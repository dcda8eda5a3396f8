use super::*;

fn alarms_of(resources: Value) -> Vec<String> {
    let mut template = json!({ "Resources": resources });
    add(&mut template).unwrap();
    let resources = template["Resources"].as_object().unwrap();
    let alarms = resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::CloudWatch::Alarm");
    alarms.map(|(id, _)| id.clone()).collect()
}

fn api() -> Value {
    json!({ "Type": "AWS::Serverless::Api", "Properties": { "Name": "api", "StageName": "live" } })
}

#[test]
fn every_kind_of_resource_gets_its_alarms() {
    let function = json!({ "Type": "AWS::Serverless::Function", "Properties": {
        "Timeout": 30, "Events": { "Stream": { "Type": "DynamoDB" } } } });
    let of_type = |kind: &str| json!({ "Type": kind, "Properties": {} });
    for (id, resource, alarms) in [
        ("F", function, vec!["FErrorsAlarm", "FIteratorAgeAlarm", "FSlowAlarm", "FThrottlesAlarm"]),
        (
            "Api",
            api(),
            vec![
                "ApiFastBurnLongAlarm",
                "ApiFastBurnShortAlarm",
                "ApiLatencyAlarm",
                "ApiServerErrorsAlarm",
                "ApiSlowBurnLongAlarm",
                "ApiSlowBurnShortAlarm",
            ],
        ),
        ("Queue", of_type("AWS::SQS::Queue"), vec!["QueueOldMessagesAlarm"]),
        ("DeadLetters", of_type("AWS::SQS::Queue"), vec!["DeadLettersDeadLetterAlarm"]),
        ("T", of_type("AWS::DynamoDB::Table"), vec!["TReadThrottlesAlarm", "TWriteThrottlesAlarm"]),
        (
            "T",
            json!({ "Type": "AWS::DynamoDB::Table", "Properties": {
                "GlobalSecondaryIndexes": [{ "IndexName": "by_member" }] } }),
            vec![
                "TByMemberReadThrottlesAlarm",
                "TByMemberWriteThrottlesAlarm",
                "TReadThrottlesAlarm",
                "TWriteThrottlesAlarm",
            ],
        ),
        ("Topic", of_type("AWS::SNS::Topic"), vec!["TopicLostAlarm", "TopicUndeliveredAlarm"]),
        ("Key", of_type("AWS::KMS::Key"), vec![]),
    ] {
        assert_eq!(alarms_of(json!({ id: resource })), alarms, "{id}");
    }
}

#[test]
fn an_alarm_says_what_it_watches_from_where_on_and_who_hears_it() {
    let mut template = json!({ "Resources": { "Api": api() } });
    add(&mut template).unwrap();
    let topic =
        json!({ "Fn::Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:tern-alarms" });
    assert_eq!(
        template["Resources"]["ApiLatencyAlarm"],
        json!({
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmDescription": "Api: Latency. What to do: docs/runbooks/latency.md",
                "Namespace": "AWS/ApiGateway", "MetricName": "Latency", "ExtendedStatistic": "p99",
                "Dimensions": [{ "Name": "ApiName", "Value": "api" }, { "Name": "Stage", "Value": "live" }],
                "Period": 60, "DatapointsToAlarm": 3, "EvaluationPeriods": 5, "Threshold": 1000.0,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
                "AlarmActions": [topic], "OKActions": [topic],
            },
        })
    );
}

#[test]
fn an_error_budget_burns_when_both_windows_say_so() {
    let mut template = json!({ "Resources": { "Api": api() } });
    add(&mut template).unwrap();
    let of = |id: &str| template["Resources"][id]["Properties"].clone();
    assert_eq!(
        of("ApiFastBurnAlarm")["AlarmRule"]["Fn::Sub"],
        "ALARM(\"${ApiFastBurnLongAlarm}\") AND ALARM(\"${ApiFastBurnShortAlarm}\")"
    );
    for (id, period_secs, threshold) in [
        ("ApiFastBurnLongAlarm", 3_600, 0.0144),
        ("ApiFastBurnShortAlarm", 300, 0.0144),
        ("ApiSlowBurnLongAlarm", 21_600, 0.006),
        ("ApiSlowBurnShortAlarm", 1_800, 0.006),
    ] {
        let alarm = of(id);
        assert_eq!(
            (alarm["Period"].as_u64(), alarm["Threshold"].as_f64()),
            (Some(period_secs), Some(threshold))
        );
        assert!(alarm.get("AlarmActions").is_none(), "{id} rings by itself");
    }
    assert!(of("ApiSlowBurnAlarm").get("AlarmActions").is_some());
}

#[test]
fn a_services_own_objective_burns_like_an_apis() {
    let metric = json!({ "Namespace": "Tern", "MetricName": "MilesLag", "Statistic": "PR(10000:)",
        "Dimensions": { "service": "airmiles", "environment": { "Ref": "Environment" } } });
    let objective = json!({ "Runbook": "miles-late", "Metric": metric, "Budget": 1 });
    let mut template = json!({ "Metadata": { "Objectives": { "MilesInTime": objective } }, "Resources": {} });
    add(&mut template).unwrap();
    assert!(template.get("Metadata").is_none(), "{template}");
    let long = &template["Resources"]["MilesInTimeFastBurnLongAlarm"]["Properties"];
    assert_eq!((&long["ExtendedStatistic"], long["Threshold"].as_f64()), (&json!("PR(10000:)"), Some(14.4)));
    assert_eq!(long["Dimensions"][0], json!({ "Name": "environment", "Value": { "Ref": "Environment" } }));
    for (field, said) in
        [("Runbook", "lacks Runbook"), ("Metric", "lacks Namespace"), ("Budget", "lacks Budget")]
    {
        let mut objective = objective.clone();
        objective[field].take();
        let mut template = json!({ "Metadata": { "Objectives": { "MilesInTime": objective } } });
        let error = add(&mut template).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_function_is_slow_at_four_fifths_of_its_timeout() {
    let mut template = json!({ "Resources": { "F": {
        "Type": "AWS::Serverless::Function", "Properties": { "Timeout": 30 } } } });
    add(&mut template).unwrap();
    assert_eq!(template["Resources"]["FSlowAlarm"]["Properties"]["Threshold"], 24_000.0);
}

#[test]
fn an_alarm_written_by_hand_beside_them_is_refused() {
    let mut template = json!({ "Resources": {
        "T": { "Type": "AWS::SNS::Topic" }, "TUndeliveredAlarm": { "Type": "AWS::CloudWatch::Alarm" } } });
    assert!(add(&mut template).unwrap_err().to_string().contains("TUndeliveredAlarm is written out"));
}

#[test]
fn every_alarm_has_its_runbook() {
    for runbook in KINDS.iter().map(|kind| kind.runbook).chain([AVAILABILITY.runbook]) {
        let page = crate::project::root().join(format!("docs/runbooks/{runbook}.md"));
        assert!(page.is_file(), "there is no page {}", page.display());
    }
}

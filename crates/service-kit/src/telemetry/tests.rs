use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tracing::field::Empty;
use tracing::subscriber::with_default;
use tracing::{Instrument, Span, info_span, instrument};
use tracing_subscriber::filter::LevelFilter;

use super::*;
use crate::metrics::{self, Metric};
use crate::testing::{CapturedLogs, assert_embedded_metrics};
use crate::trace::TraceParent;

const TRACE: &str = "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01";
const PARENT: &str = "00f067aa0ba902b7";

const LEAPS: Metric = Metric::count("Leaps");
const LEAP_TIME: Metric = Metric::millis("LeapTime");

/// The lines in `format` that `log` writes.
fn lines_of(format: Format, targets: &str, log: impl FnOnce()) -> Vec<String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let shared = Arc::clone(&lines);
    let write = move |line: &str| shared.lock().unwrap().push(line.to_owned());
    with_default(subscriber(Layer::new(format, merge(DEFAULT, Some(targets)), write)), log);
    let lines = lines.lock().unwrap();
    lines.clone()
}

fn json_format() -> Format {
    let [function_version, environment] = ["7", "dev"].map(str::to_owned);
    Format::Json(Identity { service: "tests", function: "tests-http", function_version, environment })
}

/// A request that leaps, in a part of its own.
fn leap(traceparent: &str) {
    let request = info_span!(
        "request",
        function = "tests-http",
        traceparent,
        parent_id = PARENT,
        xray_subsegment = true,
        invocation_id = "call-1",
        method = "POST",
        route = "/leaps",
        record_locator = Empty,
        status = Empty,
        outcome = Empty,
        code = None::<&str>,
    );
    request.in_scope(|| {
        part();
        Span::current().record("record_locator", "K7QZ4M");
        tracing::warn!(cause = ?"a\nb", "another line");
        metrics::count(LEAPS);
    });
    request.record("status", 503).record("outcome", "leapt");
}

#[instrument(name = "sale", fields(over, span_id = %PARENT))]
fn part() {
    metrics::count(LEAPS);
    metrics::measure(LEAP_TIME, 1_234);
    Span::current().record("over", "a \"gap\"");
}

#[test]
fn a_spans_closing_line_has_its_fields_its_ids_and_its_metrics() {
    let lines = lines_of(json_format(), "tern::closed=info", || leap(TRACE));
    assert!(lines.iter().all(|line| line.ends_with("}\n") && line.matches('\n').count() == 1), "{lines:?}");
    let mut lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_embedded_metrics(&lines[1]);
    for line in &mut lines {
        assert!(line["timestamp"].take().as_str().unwrap().ends_with('Z'));
    }
    assert!(lines[1]["took_us"].take().is_u64());
    lines[1]["_aws"]["Timestamp"].take();
    let common = json!({
        "timestamp": null, "service": "tests", "function": "tests-http", "function_version": "7", "environment": "dev",
        "request_id": "5759e988bd862e3fe1be46a994272793", "trace_id": "1-5759e988-bd862e3fe1be46a994272793",
        "invocation_id": "call-1", "record_locator": "K7QZ4M",
    });
    let with = |more: Value| {
        let mut line = common.clone();
        line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        line
    };
    let warning = json!({
        "level": "WARN", "target": "service_kit::telemetry::tests", "message": "another line", "cause": "\"a\\nb\"",
    });
    let closing = json!({
        "level": "INFO", "target": "tern::closed", "message": "leapt", "method": "POST", "route": "/leaps",
        "status": 503, "over": "a \"gap\"", "took_us": null, "Leaps": 2, "LeapTime": 1234,
        "_aws": { "Timestamp": null, "CloudWatchMetrics": [{
            "Namespace": "Tern", "Dimensions": [["service", "environment"]],
            "Metrics": [{ "Name": "Leaps", "Unit": "Count" }, { "Name": "LeapTime", "Unit": "Milliseconds" }],
        }] },
    });
    assert_eq!(lines, [with(warning), with(closing)]);
}

#[test]
fn a_sampled_span_is_sent_as_a_segment_and_another_is_not() {
    let logs = CapturedLogs::start("tests", "tests-http");
    leap(TRACE);
    leap(&TRACE.replace("-01", "-00"));
    let segments = logs.segments();
    let [segment] = segments.as_slice() else { panic!("{segments:?}") };
    let began = segment["start_time"].as_f64().unwrap();
    assert!(segment["end_time"].as_f64().unwrap() >= began && began > 1.7e9, "{segment}");
    let part = &segment["subsegments"][0];
    assert_eq!(
        *segment,
        json!({
            "name": "tests-http", "id": "53995c3f42cd8ad8", "type": "subsegment",
            "trace_id": "1-5759e988-bd862e3fe1be46a994272793", "parent_id": PARENT,
            "start_time": began, "end_time": segment["end_time"],
            "http": { "request": { "method": "POST" }, "response": { "status": 503 } }, "fault": true,
            "annotations": { "request_id": "5759e988bd862e3fe1be46a994272793", "route": "/leaps",
                "record_locator": "K7QZ4M", "over": "a \"gap\"" },
            "subsegments": [{ "name": "sale", "id": PARENT,
                "start_time": part["start_time"], "end_time": part["end_time"] }],
        })
    );
}

#[tokio::test]
async fn a_span_within_an_invocation_names_it() {
    let logs = CapturedLogs::start("tests", "tests-events");
    let invocation = info_span!("invocation", traceparent = TRACE, invocation_id = "call-2");
    let published = TraceParent::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
    let apply = async {
        let apply = info_span!("apply", traceparent = %published, outcome = Empty, otel.status_code = Empty);
        let inner = async {
            tokio::task::yield_now().await;
            current_trace()
        };
        assert_eq!(inner.instrument(apply.clone()).await, Some(published));
        apply.record("otel.status_code", "ERROR").record("outcome", "not applied");
    };
    apply.instrument(invocation).await;
    let (lines, segments) = (logs.closed(), logs.segments());
    assert_eq!(
        (lines.len(), segments.len()),
        (1, 1),
        "an invocation has neither line nor segment of its own"
    );
    assert_eq!(
        (&lines[0]["invocation_id"], &lines[0]["request_id"], &lines[0]["level"]),
        (&json!("call-2"), &json!("0af7651916cd43dd8448eb211c80319c"), &json!("ERROR"))
    );
    let annotations = &segments[0]["annotations"];
    assert_eq!(annotations["invocation_trace"], "1-5759e988-bd862e3fe1be46a994272793");
    assert_eq!(segments[0]["fault"], true);
    assert!(segments[0].get("parent_id").is_none() && segments[0].get("type").is_none(), "{segments:?}");
}

#[test]
fn a_line_outside_any_span_has_the_functions_identity() {
    let lines = lines_of(json_format(), "info", || {
        metrics::count(LEAPS);
        tracing::error!(ratio = f64::NAN, share = 0.5, "at the start");
    });
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(
        (&line["function"], &line["ratio"], &line["share"]),
        (&json!("tests-http"), &json!("NaN"), &json!(0.5))
    );
    assert!(line.get("request_id").is_none());
}

#[test]
fn a_text_line_has_request_id_and_record_locator_and_no_metrics_metadata() {
    let lines = lines_of(Format::Text { colour: false }, "tern::closed=info", || leap(TRACE));
    let [warning, closing] = lines.as_slice() else { panic!("{lines:?}") };
    let ids = "5759e988bd862e3fe1be46a994272793 record_locator=K7QZ4M";
    assert!(
        warning.ends_with(&format!(
            "  WARN {ids} service_kit::telemetry::tests: another line cause=\"\\\"a\\\\nb\\\"\"\n"
        )),
        "{warning}"
    );
    assert!(closing.contains(&format!("  INFO {ids} tern::closed: leapt method=\"POST\"")), "{closing}");
    assert!(closing.contains(" Leaps=2 LeapTime=1234") && !closing.contains("_aws"), "{closing}");
}

#[test]
fn directives_for_a_target_keep_the_warnings_of_others() {
    let enabled = |asked, target, level| merge(DEFAULT, asked).would_enable(target, &level);
    for (asked, target, level, expected) in [
        (None, "api_payments::book", Level::INFO, true),
        (None, "service_kit::http::middleware", Level::INFO, true),
        (None, "aws_smithy_runtime::client", Level::INFO, false),
        (None, "aws_smithy_runtime::client", Level::WARN, true),
        (Some("tern::closed=info"), "tern::closed", Level::INFO, true),
        (Some("tern::closed=info"), "local::bus::redelivery", Level::WARN, true),
        (Some("tern::closed=info"), "api_booking::book", Level::INFO, true),
        (Some("api_booking=error"), "api_booking::book", Level::INFO, false),
        (Some("error"), "api_booking::book", Level::WARN, false),
        (Some("not a directive=at all"), "api_booking::book", Level::INFO, true),
    ] {
        assert_eq!(enabled(asked, target, level), expected, "{asked:?} {target} {level}");
    }
    assert_eq!(merge(DEFAULT, None).default_level(), Some(LevelFilter::WARN));
}

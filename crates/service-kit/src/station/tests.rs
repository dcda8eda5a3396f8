use api_types::RecordLocator;
use serde_json::{Value, json};
use tracing::subscriber::with_default;
use tracing_subscriber::layer::SubscriberExt;

use super::*;
use crate::metrics;
use crate::telemetry::{Identity, Lines};

const XRAY: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

const LEAPS: Metric = Metric::count("Leaps");
const LEAP_TIME: Metric = Metric::millis("LeapTime");

/// The lines of the function `tests-http` that `speak` has written.
fn lines_of(speak: impl FnOnce()) -> Vec<String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let identity = Identity {
        service: "tests",
        function: "tests-http",
        function_version: "7".to_owned(),
        environment: "dev".to_owned(),
    };
    let write = {
        let lines = Arc::clone(&lines);
        move |line: &str| lines.lock().unwrap().push(line.to_owned())
    };
    with_default(tracing_subscriber::registry().with(Lines::new(&identity, write)), speak);
    let lines = lines.lock().unwrap();
    lines.clone()
}

async fn leap() {
    about(&"K7QZ4M".parse::<RecordLocator>().unwrap());
    note("over", "a \"gap\"");
    count(LEAPS);
    measure(LEAP_TIME, 1_234);
    count(LEAPS);
}

#[test]
fn what_was_counted_is_one_embedded_metric_document() {
    let metrics = [(LEAPS, 2), (LEAP_TIME, 1_234)];
    let members = Members { metrics: &metrics, at: UtcInstant::from_epoch_ms(1_795_253_400_123) };
    let document: Value = serde_json::from_str(&format!("{{{members}}}")).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap(), @r#"
    {
      "LeapTime": 1234,
      "Leaps": 2,
      "_aws": {
        "CloudWatchMetrics": [
          {
            "Dimensions": [
              [
                "service",
                "environment"
              ]
            ],
            "Metrics": [
              {
                "Name": "Leaps",
                "Unit": "Count"
              },
              {
                "Name": "LeapTime",
                "Unit": "Milliseconds"
              }
            ],
            "Namespace": "Tern"
          }
        ],
        "Timestamp": 1795253400123
      }
    }
    "#);
}

#[tokio::test]
async fn the_line_that_closes_a_station_says_who_where_what_and_counts() {
    let station = Station::of_call("tests-http", Origin::of_xray(XRAY).unwrap(), Some("call-1".to_owned()));
    station.work(leap()).await;
    let close = station.work(async {
        let noted = station.take_noted();
        lines_of(|| {
            tracing::info!(target: CLOSED, status = 201, code = None::<&str>, noted = noted.as_ref().map(tracing::field::display), "leapt");
            tracing::warn!(cause = ?"a\nb", "another line");
        })
    });
    let lines = close.await;
    assert!(lines.iter().all(|line| line.ends_with("}\n") && line.matches('\n').count() == 1), "{lines:?}");
    let mut lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    crate::testing::assert_embedded_metrics(&lines[0]);
    for line in &mut lines {
        assert!(line["timestamp"].take().as_str().unwrap().ends_with('Z'));
    }
    let (metrics, aws) = (metrics::NAMESPACE, lines[0]["_aws"].take());
    assert_eq!(aws["CloudWatchMetrics"][0]["Namespace"], metrics);
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
    assert_eq!(
        lines,
        [
            with(
                json!({ "level": "INFO", "target": "tern::closed", "message": "leapt", "status": 201, "_aws": null,
                "over": "a \"gap\"", "Leaps": 2, "LeapTime": 1234 })
            ),
            with(
                json!({ "level": "WARN", "target": "service_kit::station::tests", "message": "another line",
                "cause": "\"a\\nb\"" })
            ),
        ]
    );
    assert!(station.take_noted().is_some_and(|noted| !noted.to_string().contains("Leaps")), "counted once");
}

#[test]
fn a_line_of_nobodys_work_says_who_speaks_at_least() {
    let lines = lines_of(|| tracing::error!(ratio = f64::NAN, share = 0.5, "at the start"));
    let line: Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(
        (&line["function"], &line["ratio"], &line["share"]),
        (&json!("tests-http"), &json!("NaN"), &json!(0.5))
    );
    assert!(line.get("request_id").is_none());
}

#[tokio::test]
async fn a_trace_that_is_kept_has_a_segment_and_another_has_none() {
    let segment_of = |origin: Origin| async move {
        let daemon = crate::testing::XRayDaemon::listen();
        let to_daemon = crate::telemetry::Segments::to(daemon.address()).unwrap();
        let station = Station::of_call("tests-http", origin, None);
        station.work(leap()).await;
        let began = Began::now();
        let place = station.trace().at("sale", "K7QZ4M-1");
        station.work(async { passed("sale", place, began) }).await;
        let outcome = Outcome::Answered { method: "POST", route: "/leaps", status: 503 };
        with_default(tracing_subscriber::registry().with(to_daemon), || station.close(&outcome));
        (station.trace(), place, daemon.heard())
    };
    let origin = Origin::of_xray(XRAY).unwrap();
    let (trace, place, heard) = segment_of(origin).await;
    let [segment] = heard.as_slice() else { panic!("{heard:?}") };
    let began = segment["start_time"].as_f64().unwrap();
    assert!(segment["end_time"].as_f64().unwrap() >= began && began > 1.7e9, "{segment}");
    let part = &segment["subsegments"][0];
    assert_eq!(
        *segment,
        json!({
            "name": "tests-http", "id": trace.station_id().to_string(), "type": "subsegment",
            "trace_id": "1-5759e988-bd862e3fe1be46a994272793", "parent_id": "53995c3f42cd8ad8",
            "start_time": began, "end_time": segment["end_time"],
            "http": { "request": { "method": "POST" }, "response": { "status": 503 } }, "fault": true,
            "annotations": { "request_id": "5759e988bd862e3fe1be46a994272793", "route": "/leaps",
                "record_locator": "K7QZ4M", "over": "a \"gap\"" },
            "subsegments": [{ "name": "sale", "id": place.station_id().to_string(),
                "start_time": part["start_time"], "end_time": part["end_time"] }],
        })
    );

    let not_kept = Origin::of_xray(&XRAY.replace("Sampled=1", "Sampled=0")).unwrap();
    assert_eq!(segment_of(not_kept).await.2, Vec::<Value>::new());
    // A trace that begins here has no parent, and is a segment of its own.
    let (_, _, begun) = segment_of(Origin::nobody()).await;
    assert!(begun[0].get("parent_id").is_none() && begun[0].get("type").is_none(), "{begun:?}");
}

#[tokio::test]
async fn an_events_station_names_the_invocation_that_reached_it() {
    let invocation =
        Station::of_call("tests-events", Origin::of_xray(XRAY).unwrap(), Some("call-2".to_owned()));
    let event = TraceParent::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
    let place = event.at("publish", "K7QZ4M-1");
    let station =
        invocation.work(async { Station::of_event("tests-events", Some((place, event.station_id()))) });
    let station = station.await;
    assert_eq!((station.trace(), station.invocation_id()), (place, Some("call-2")));
    assert_eq!(
        (station.0.before, station.0.invocation_trace),
        (Some(event.station_id()), Some(invocation.trace()))
    );
    let without = Station::of_event("tests-events", None);
    assert_eq!((without.0.before, without.invocation_id()), (None, None));
}

#[test]
fn what_is_noted_at_no_station_is_let_go() {
    count(LEAPS);
    note("nothing", 1_u32);
    assert!(here().is_none());
}

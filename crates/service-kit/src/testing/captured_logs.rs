//! Captured log lines, with the metrics in them, and X-Ray segments.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tracing::Level;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::filter::Targets;

use crate::metrics::{DIMENSIONS, NAMESPACE};
use crate::telemetry::{self, CLOSED, Format, Identity, Layer, XRayDaemon};

/// The log lines and segments of the current thread, until this is dropped.
pub struct CapturedLogs {
    lines: Arc<Mutex<Vec<Value>>>,
    daemon: FakeXRayDaemon,
    _subscriber: DefaultGuard,
}

impl CapturedLogs {
    /// Captures the current thread's logs as those of the function `function` of `service`.
    ///
    /// # Panics
    /// When loopback has no socket left.
    #[must_use]
    pub fn start(service: &'static str, function: &'static str) -> Self {
        let (lines, daemon) = (Arc::new(Mutex::new(Vec::new())), FakeXRayDaemon::start());
        let [function_version, environment] = ["1", "dev"].map(str::to_owned);
        let identity = Identity { service, function, function_version, environment };
        let write = {
            let lines = Arc::clone(&lines);
            move |line: &str| {
                let line = serde_json::from_str(line).expect("a line is JSON");
                lines.lock().expect("no line panics").push(line);
            }
        };
        let segments = XRayDaemon::at(daemon.address()).expect("loopback has a socket");
        let layer = Layer::new(Format::Json(identity), Targets::new().with_default(Level::INFO), write)
            .with_segments(Some(segments));
        let guard = tracing::subscriber::set_default(telemetry::subscriber(layer));
        Self { lines, daemon, _subscriber: guard }
    }

    /// The lines that close a span, so far.
    ///
    /// # Panics
    /// Never: no line panics.
    #[must_use]
    pub fn closed(&self) -> Vec<Value> {
        let lines = self.lines.lock().expect("no line panics");
        lines.iter().filter(|line| line["target"] == CLOSED).cloned().collect()
    }

    /// The sum of `metric` over all lines; each of them a valid document of embedded metrics.
    ///
    /// # Panics
    /// When one is not.
    #[must_use]
    pub fn sum(&self, metric: &str) -> i64 {
        let lines = self.closed();
        let with = lines
            .iter()
            .filter(|line| line.get("_aws").is_some())
            .inspect(|line| assert_embedded_metrics(line));
        with.filter_map(|line| line[metric].as_i64()).sum()
    }

    /// The segments since the last call.
    #[must_use]
    pub fn segments(&self) -> Vec<Value> {
        self.daemon.received()
    }
}

/// Checks a log line against the rules of CloudWatch's embedded metric format.
///
/// Source: Amazon CloudWatch, "Specification: Embedded metric format".
///
/// # Panics
/// When it breaks one.
pub fn assert_embedded_metrics(line: &Value) {
    const UNITS: [&str; 4] = ["Count", "Milliseconds", "None", "Percent"];
    assert!(line.to_string().len() < 256 * 1024, "too long");
    assert!(
        line["_aws"]["Timestamp"].as_u64().is_some_and(|at| at > 1_000_000_000_000),
        "in milliseconds: {line}"
    );
    let directives = line["_aws"]["CloudWatchMetrics"].as_array().expect("directives");
    for directive in directives {
        assert_eq!(directive["Namespace"], NAMESPACE);
        let dimensions = directive["Dimensions"].as_array().expect("sets of dimensions");
        for name in dimensions.iter().flat_map(|set| set.as_array().expect("a set")) {
            let value =
                line[name.as_str().expect("a name")].as_str().expect("a dimension is a text at the top");
            assert!(
                (1..=1024).contains(&value.len()) && DIMENSIONS.contains(&name.as_str().unwrap_or_default())
            );
        }
        let metrics = directive["Metrics"].as_array().expect("metrics");
        assert!((1..=100).contains(&metrics.len()), "{line}");
        let mut names = BTreeSet::new();
        for metric in metrics {
            let name = metric["Name"].as_str().expect("a name");
            assert!(names.insert(name), "{name} stands twice");
            assert!(UNITS.contains(&metric["Unit"].as_str().unwrap_or_default()), "{metric}");
            assert!(line[name].is_number(), "{name} is a number at the top: {line}");
        }
    }
}

/// The fields of every line of a Lambda.
const ON_EVERY_LINE: [&str; 10] = [
    "timestamp",
    "level",
    "message",
    "service",
    "function",
    "function_version",
    "environment",
    "request_id",
    "trace_id",
    "invocation_id",
];

/// Checks the lines of `function` against its examples in `fixtures/log-lines`, with which saved queries are checked:
/// each line has the fields of an example, and each example was written.
///
/// # Panics
/// When one differs, or the examples can't be read.
pub fn assert_like_the_examples(function: &str, lines: &[Value]) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/log-lines/{function}.jsonl"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    for (line, field) in lines.iter().flat_map(|line| ON_EVERY_LINE.map(|field| (line, field))) {
        assert!(line[field].is_string(), "no {field}: {line}");
    }
    let shape = |line: &Value| {
        let fields = line.as_object().expect("an object").keys().cloned();
        (line["message"].as_str().unwrap_or_default().to_owned(), fields.collect::<BTreeSet<_>>())
    };
    let examples: BTreeSet<_> =
        text.lines().map(|line| shape(&serde_json::from_str(line).expect("an example is JSON"))).collect();
    let written: BTreeSet<_> = lines.iter().map(shape).collect();
    let shown = || lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    assert_eq!(written, examples, "{}:\n{}", file.display(), shown());
}

/// The log lines that a process writes to its standard output.
pub struct ProcessLines(Arc<Mutex<Vec<Value>>>);

impl ProcessLines {
    /// Reads `output` until it ends.
    #[must_use]
    pub fn read(output: impl Read + Send + 'static) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // What is no JSON is kept as text, so that the test fails.
                let line = serde_json::from_str(&line).unwrap_or(Value::String(line));
                shared.lock().expect("no line panics").push(line);
            }
        });
        Self(lines)
    }

    /// The lines so far, once there are `count`; whatever there is after `limit`.
    ///
    /// # Panics
    /// Never: no line panics.
    #[must_use]
    pub fn within(&self, count: usize, limit: Duration) -> Vec<Value> {
        let until = Instant::now() + limit;
        loop {
            let lines = self.0.lock().expect("no line panics").clone();
            if lines.len() >= count || Instant::now() > until {
                return lines;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// An X-Ray daemon that keeps the segments it receives.
pub struct FakeXRayDaemon(UdpSocket);

impl FakeXRayDaemon {
    /// A daemon on loopback.
    ///
    /// # Panics
    /// When loopback has no socket left.
    #[must_use]
    pub fn start() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a socket");
        socket.set_nonblocking(true).expect("a socket can be non-blocking");
        Self(socket)
    }

    /// Its address, for `AWS_XRAY_DAEMON_ADDRESS`.
    ///
    /// # Panics
    /// Never: a bound socket has an address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("a bound socket has an address")
    }

    /// The segments received since the last call.
    ///
    /// # Panics
    /// When a datagram is not what a daemon takes.
    #[must_use]
    pub fn received(&self) -> Vec<Value> {
        let mut buffer = vec![0; 64 * 1024];
        let mut received = Vec::new();
        while let Ok(length) = self.0.recv(&mut buffer) {
            let text = std::str::from_utf8(&buffer[..length]).expect("a datagram is text");
            let (header, document) = text.split_once('\n').expect("a header and a document");
            let header: Value = serde_json::from_str(header).expect("the header is JSON");
            assert_eq!(header, serde_json::json!({ "format": "json", "version": 1 }));
            let document: Value =
                serde_json::from_str(document).unwrap_or_else(|e| panic!("{e}: {document}"));
            assert_segment(&document);
            received.push(document);
        }
        received
    }

    /// The segments, once there are `count`; whatever there is after `limit`.
    #[must_use]
    pub fn received_within(&self, count: usize, limit: Duration) -> Vec<Value> {
        let until = Instant::now() + limit;
        let mut received = self.received();
        while received.len() < count && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
            received.extend(self.received());
        }
        received
    }
}

/// Checks a document against X-Ray's rules; the service drops invalid ones silently.
///
/// Source: AWS X-Ray segment documents.
fn assert_segment(document: &Value) {
    let hex = |value: &Value, length: usize| {
        let text = value.as_str().unwrap_or_default();
        text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit())
    };
    let trace_id = document["trace_id"].as_str().expect("a trace");
    let parts: Vec<_> = trace_id.split('-').map(str::len).collect();
    assert_eq!(parts, [1, 8, 24], "{trace_id}");
    assert!(document.get("parent_id").is_none_or(|parent| hex(parent, 16)), "{document}");
    assert!(document.get("type").is_none_or(|kind| kind == "subsegment" && !document["parent_id"].is_null()));
    let subsegments = document["subsegments"].as_array();
    for part in subsegments.into_iter().flatten().chain([document]) {
        let name = part["name"].as_str().expect("a name");
        let allowed = |c: char| c.is_alphanumeric() || " _.:/%&#=+\\-@".contains(c);
        assert!((1..=200).contains(&name.len()) && name.chars().all(allowed), "{name}");
        assert!(hex(&part["id"], 16) && part["end_time"].as_f64() >= part["start_time"].as_f64(), "{part}");
    }
    let annotations = document["annotations"].as_object().expect("annotations");
    assert!(annotations.len() <= 50);
    let named = |name: &String| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    assert!(annotations.keys().all(named), "{document}");
}

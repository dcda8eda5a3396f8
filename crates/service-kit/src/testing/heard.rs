//! What a service says: its log lines, with the metrics in them, and its segments.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::SubscriberExt;

use crate::metrics::{DIMENSIONS, NAMESPACE};
use crate::telemetry::{Identity, Lines, Segments};

/// What is said on the current thread, until this is dropped.
pub struct Heard {
    lines: Arc<Mutex<Vec<Value>>>,
    daemon: XRayDaemon,
    _listening: DefaultGuard,
}

impl Heard {
    /// Listens to this thread as if it were the function `function` of `service`.
    ///
    /// # Panics
    /// When loopback has no socket left.
    #[must_use]
    pub fn listen(service: &'static str, function: &'static str) -> Self {
        let (lines, daemon) = (Arc::new(Mutex::new(Vec::new())), XRayDaemon::listen());
        let [function_version, environment] = ["1", "dev"].map(str::to_owned);
        let identity = Identity { service, function, function_version, environment };
        let write = {
            let lines = Arc::clone(&lines);
            move |line: &str| {
                let line = serde_json::from_str(line).expect("a line is JSON");
                lines.lock().expect("no line panics").push(line);
            }
        };
        let segments = Segments::to(daemon.address()).expect("loopback has a socket");
        let subscriber = tracing_subscriber::registry().with(Lines::new(&identity, write)).with(segments);
        Self { lines, daemon, _listening: tracing::subscriber::set_default(subscriber) }
    }

    /// The lines of `tern::closed`, which close a station, so far.
    ///
    /// # Panics
    /// Never: no line panics.
    #[must_use]
    pub fn closed(&self) -> Vec<Value> {
        let lines = self.lines.lock().expect("no line panics");
        lines.iter().filter(|line| line["target"] == crate::station::CLOSED).cloned().collect()
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

    /// The segments since the last time they were asked for.
    #[must_use]
    pub fn segments(&self) -> Vec<Value> {
        self.daemon.heard()
    }
}

/// Holds a log line to the rules of CloudWatch's embedded metric format.
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

/// What every line of a Lambda has: who speaks, which version of it, and under which ids the request is found.
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

/// Holds the lines that `function` wrote to its examples in `fixtures/log-lines`, by which queries over logs are
/// checked: each line has the fields of an example with its message, and what every line has; each example was written.
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

/// What a process says on its standard output.
pub struct ProcessLines(Arc<Mutex<Vec<Value>>>);

impl ProcessLines {
    /// Reads `output` until it ends.
    #[must_use]
    pub fn read(output: impl Read + Send + 'static) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // What is no JSON is kept as it is, for the test to stumble over.
                let line = serde_json::from_str(&line).unwrap_or(Value::String(line));
                heard.lock().expect("no line panics").push(line);
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

/// A daemon of X-Ray that keeps what it is sent.
pub struct XRayDaemon(UdpSocket);

impl XRayDaemon {
    /// Listens on loopback.
    ///
    /// # Panics
    /// When loopback has no socket left.
    #[must_use]
    pub fn listen() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a socket");
        socket.set_nonblocking(true).expect("a socket can be asked without waiting");
        Self(socket)
    }

    /// Where it listens: what `AWS_XRAY_DAEMON_ADDRESS` would say.
    ///
    /// # Panics
    /// Never: a bound socket has an address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("a bound socket has an address")
    }

    /// The segments that have come since the last time.
    ///
    /// # Panics
    /// When a datagram is not what a daemon takes.
    #[must_use]
    pub fn heard(&self) -> Vec<Value> {
        let mut buffer = vec![0; 64 * 1024];
        let mut heard = Vec::new();
        while let Ok(length) = self.0.recv(&mut buffer) {
            let text = std::str::from_utf8(&buffer[..length]).expect("a datagram is text");
            let (header, document) = text.split_once('\n').expect("a header and a document");
            let header: Value = serde_json::from_str(header).expect("the header is JSON");
            assert_eq!(header, serde_json::json!({ "format": "json", "version": 1 }));
            let document: Value =
                serde_json::from_str(document).unwrap_or_else(|e| panic!("{e}: {document}"));
            assert_segment(&document);
            heard.push(document);
        }
        heard
    }

    /// The segments, once there are `count`; whatever there is after `limit`.
    #[must_use]
    pub fn heard_within(&self, count: usize, limit: Duration) -> Vec<Value> {
        let until = Instant::now() + limit;
        let mut heard = self.heard();
        while heard.len() < count && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
            heard.extend(self.heard());
        }
        heard
    }
}

/// Holds a document to what X-Ray takes; what breaks its rules it drops without a word.
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

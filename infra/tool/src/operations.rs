//! What alarms, dashboards and saved queries name is there: metrics that the services measure, fields that their lines have,
//! resources of those names.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{project, template};

const NAMESPACE: &str = "Tern";
const DIMENSIONS: [&str; 2] = ["service", "environment"];

const WHOLE_WAY: &str = "operations";

/// The services with functions.
fn services() -> impl Iterator<Item = &'static str> {
    let services = project::services().unwrap().iter();
    services.filter(|service| !service.functions.is_empty()).map(|service| service.name.as_str())
}

/// The lines that the functions of a service write, as its own tests hold them: each function's name and an example.
fn log_lines(service: &str) -> Vec<(String, Value)> {
    let service = project::services().unwrap().get(service).unwrap();
    let read = |(function, binary): (&str, String)| {
        let file = project::root().join(format!("crates/service-kit/fixtures/log-lines/{binary}.jsonl"));
        let lines: Vec<_> =
            std::fs::read_to_string(file).unwrap_or_default().lines().map(str::to_owned).collect();
        let function = function.to_owned();
        lines.into_iter().map(move |line| (function.clone(), serde_json::from_str(&line).unwrap()))
    };
    service.binaries().flat_map(read).collect()
}

/// The names of the metrics that the services measure.
fn measured() -> BTreeSet<String> {
    let lines = services().flat_map(log_lines);
    let groups =
        lines.flat_map(|(_, line)| line["_aws"]["CloudWatchMetrics"].as_array().cloned().unwrap_or_default());
    let metrics = groups.flat_map(|group| {
        assert_eq!(group["Namespace"], NAMESPACE);
        group["Metrics"].as_array().cloned().unwrap_or_default()
    });
    metrics.map(|metric| metric["Name"].as_str().unwrap().to_owned()).collect()
}

/// The resources of a rendered stack that are of `kind`.
fn of_kind(stack: &str, kind: &str) -> Vec<(String, Value)> {
    let rendered = template::render(stack).unwrap();
    let resources = rendered["Resources"].as_object().unwrap().clone();
    resources.into_iter().filter(|(_, resource)| resource["Type"] == kind).collect()
}

/// The lines of all graphs of a stack's dashboards.
fn lines(stack: &str) -> Vec<Value> {
    let dashboards = of_kind(stack, "AWS::CloudWatch::Dashboard");
    let bodies = dashboards.iter().map(|(_, dashboard)| {
        serde_json::from_str::<Value>(dashboard["Properties"]["DashboardBody"]["Fn::Sub"].as_str().unwrap())
            .unwrap()
    });
    let widgets = bodies.flat_map(|body| body["widgets"].as_array().unwrap().clone());
    widgets
        .flat_map(|widget| widget["properties"]["metrics"].as_array().cloned().unwrap_or_default())
        .collect()
}

#[test]
fn dashboards_show_all_that_is_measured_and_nothing_else() {
    let mut shown = BTreeSet::new();
    for stack in services().chain([WHOLE_WAY]) {
        for line in lines(stack).iter().filter(|line| line[0] == NAMESPACE) {
            assert_eq!([&line[2], &line[4]], DIMENSIONS, "{line}");
            shown.insert(line[1].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(shown, measured());
}

#[test]
fn alarms_of_our_own_metrics_watch_what_is_measured() {
    let mut watched = BTreeSet::new();
    for stack in services() {
        for (id, alarm) in of_kind(stack, "AWS::CloudWatch::Alarm") {
            let properties = &alarm["Properties"];
            let metrics = properties["Metrics"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|metric| &metric["MetricStat"]["Metric"]);
            for metric in metrics.chain([properties]).filter(|metric| metric["Namespace"] == NAMESPACE) {
                let name = metric["MetricName"].as_str().unwrap();
                assert!(measured().contains(name), "{id}: nobody measures {name}");
                let dimensions = metric["Dimensions"].as_array().unwrap();
                let named: BTreeSet<_> =
                    dimensions.iter().map(|each| each["Name"].as_str().unwrap()).collect();
                assert_eq!(named, BTreeSet::from(DIMENSIONS), "{id}");
                watched.insert(name.to_owned());
            }
        }
    }
    assert_eq!(watched.into_iter().collect::<Vec<_>>(), ["Bookings", "MilesLag", "Searches", "Swept"]);
}

/// A text, where it has a parameter as `Fn::Sub` writes it: `${Logs}`.
fn text(value: &Value) -> String {
    let reference = value["Ref"].as_str().map(|name| format!("${{{name}}}"));
    let text = value.get("Fn::Sub").unwrap_or(value).as_str();
    reference.or_else(|| text.map(str::to_owned)).unwrap_or_default()
}

#[test]
fn the_whole_way_leads_through_resources_that_there_are() {
    let names: BTreeSet<String> = services()
        .flat_map(|stack| {
            let rendered = template::render(stack).unwrap();
            let resources = rendered["Resources"].as_object().unwrap().clone();
            resources.into_iter().flat_map(|(_, resource)| {
                ["Name", "TopicName", "QueueName"].map(|name| text(&resource["Properties"][name]))
            })
        })
        .collect();
    let graphs: Vec<Value> = lines(WHOLE_WAY)
        .into_iter()
        .filter(|line| line[0].as_str().is_some_and(|n| n != NAMESPACE))
        .collect();
    for environment in ["dev", "qa", "prod"] {
        let of_environment = format!("tern-{environment}-");
        let own = graphs.iter().filter(|line| line[3].as_str().unwrap().starts_with(&of_environment));
        let own: Vec<_> = own
            .map(|line| line[3].as_str().unwrap().replace(&of_environment, "tern-${Environment}-"))
            .collect();
        assert!(!own.is_empty() && own.iter().all(|name| names.contains(name)), "{own:?}: {names:?}");
    }
    assert!(graphs.iter().all(|line| line[4]["accountId"].is_string()), "each is in an account of its own");
}

#[test]
fn saved_queries_ask_for_fields_that_the_lines_have() {
    for stack in services() {
        let queries = of_kind(stack, "AWS::Logs::QueryDefinition");
        assert!(queries.len() >= 4, "{stack}");
        for (id, query) in queries {
            let query = &query["Properties"];
            let groups = query["LogGroupNames"].as_array().unwrap();
            let have: BTreeSet<String> =
                groups.iter().flat_map(|group| fields_of(stack, &text(group))).collect();
            let asked = fields_asked(query["QueryString"].as_str().unwrap());
            if have.is_empty() {
                continue; // a service without examples of its lines: its queries are the shared ones
            }
            let missing: Vec<_> = asked.difference(&have).collect();
            assert!(missing.is_empty(), "{stack}: {id} asks for {missing:?}");
            assert!(!asked.is_empty(), "{id}");
        }
    }
}

/// The fields of the lines in a log group, by the examples that the services' own tests hold them to.
fn fields_of(stack: &str, group: &str) -> Vec<String> {
    if group == "${AccessLogs}" {
        let api = of_kind(stack, "AWS::Serverless::Api").remove(0).1;
        let format = api["Properties"]["AccessLogSetting"]["Format"].as_str().unwrap().to_owned();
        let line: Value = serde_json::from_str(&format).unwrap();
        return line.as_object().unwrap().keys().cloned().collect();
    }
    let function = group.trim_start_matches("${").trim_end_matches("Logs}").to_lowercase();
    let lines = log_lines(stack).into_iter().filter(|(of, _)| *of == function);
    lines.flat_map(|(_, line)| line.as_object().unwrap().keys().cloned().collect::<Vec<_>>()).collect()
}

/// The fields that a query of Logs Insights names; not its own words, functions, texts, nor what it names itself.
fn fields_asked(query: &str) -> BTreeSet<String> {
    const WORDS: [&str; 14] = [
        "fields", "filter", "stats", "sort", "limit", "by", "as", "asc", "desc", "and", "or", "not", "in",
        "like",
    ];
    let without_comments: String =
        query.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n");
    let without_texts: String = without_comments.split('"').step_by(2).collect::<Vec<_>>().join("0");
    // A function keeps its parenthesis, by which it is told from a field.
    let spaced = without_texts.replace('(', "( ");
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_@(".contains(c);
    let words: Vec<&str> = spaced.split(|c| !is_part(c)).filter(|word| !word.is_empty()).collect();
    let own: BTreeSet<&str> = words.windows(2).filter(|pair| pair[0] == "as").map(|pair| pair[1]).collect();
    let is_field = |word: &&str| {
        !WORDS.contains(word)
            && !own.contains(word)
            && !word.starts_with(|c: char| c.is_ascii_digit() || c == '@')
            && !word.ends_with('(')
    };
    words.into_iter().filter(is_field).map(str::to_owned).collect()
}

#[test]
fn the_fields_of_a_query_are_found() {
    let query = "# a comment of words\nfilter level = \"ERROR text\" or ispresent(code)\n\
        | fields @timestamp, took_us / 1000 as took_ms | stats pct(latency_ms, 99) as p99 by bin(1h), route\n| sort p99 desc";
    let asked: Vec<_> = fields_asked(query).into_iter().collect();
    assert_eq!(asked, ["code", "latency_ms", "level", "route", "took_us"]);
}

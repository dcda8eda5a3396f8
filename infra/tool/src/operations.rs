//! What alarms, dashboards and saved queries name is there: metrics that the services measure, fields that their lines have,
//! resources of those names.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::jq::Program;
use crate::{project, template};

const NAMESPACE: &str = "Tern";
const DIMENSIONS: [&str; 2] = ["service", "environment"];

/// The services with functions.
fn services() -> impl Iterator<Item = &'static str> {
    let services = project::services().unwrap().iter();
    services.filter(|service| !service.functions.is_empty()).map(|service| service.name.as_str())
}

/// Rendered stacks by name.
fn rendered(stacks: impl Iterator<Item = &'static str>) -> Value {
    stacks.map(|stack| (stack.to_owned(), template::render(stack).unwrap())).collect::<Map<_, _>>().into()
}

/// All that a jq program gives.
fn jq<T: DeserializeOwned>(input: &Value, program: &str) -> Vec<T> {
    Program::compile(program, []).unwrap().run(input, []).unwrap()
}

/// The lines that the functions of a service write, as its own tests hold them: each function's name and an example.
fn log_lines(service: &str) -> Vec<(String, Value)> {
    let service = project::services().unwrap().get(service).unwrap();
    let read = |(function, binary): (&str, String)| {
        let file = project::root().join(format!("crates/service-kit/fixtures/log-lines/{binary}.jsonl"));
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let lines = text.lines().map(|line| (function.to_owned(), serde_json::from_str(line).unwrap()));
        lines.collect::<Vec<_>>()
    };
    service.binaries().flat_map(read).collect()
}

/// The names of the metrics that the services measure.
fn measured() -> BTreeSet<String> {
    let lines: Value = services().flat_map(log_lines).map(|(_, line)| line).collect();
    let groups: Vec<(String, Vec<String>)> =
        jq(&lines, ".[]._aws.CloudWatchMetrics[]? | [.Namespace, [.Metrics[].Name]]");
    assert!(groups.iter().all(|(namespace, _)| namespace == NAMESPACE));
    groups.into_iter().flat_map(|(_, metrics)| metrics).collect()
}

/// The lines of all graphs on the stacks' dashboards.
fn graph_lines(stacks: &Value) -> Vec<Value> {
    let lines = r#".[].Resources[] | select(.Type == "AWS::CloudWatch::Dashboard")
        | .Properties.DashboardBody["Fn::Sub"] | strict_json | .widgets[].properties.metrics[]?"#;
    jq(stacks, lines)
}

#[test]
fn dashboards_show_all_that_is_measured_and_nothing_else() {
    let mut shown = BTreeSet::new();
    let lines = graph_lines(&rendered(template::all().unwrap()));
    for line in lines.iter().filter(|line| line[0] == NAMESPACE) {
        assert_eq!([&line[2], &line[4]], DIMENSIONS, "{line}");
        shown.insert(line[1].as_str().unwrap().to_owned());
    }
    assert_eq!(shown, measured());
}

#[test]
fn alarms_of_our_own_metrics_watch_what_is_measured() {
    let metrics = r#".[].Resources | to_entries[] | select(.value.Type == "AWS::CloudWatch::Alarm") | .key as $id
        | .value.Properties | (., .Metrics[]?.MetricStat.Metric) | select(.Namespace == "Tern")
        | [$id, .MetricName, [.Dimensions[].Name]]"#;
    let metrics: Vec<(String, String, BTreeSet<String>)> = jq(&rendered(services()), metrics);
    let measured = measured();
    for (id, name, dimensions) in &metrics {
        assert!(measured.contains(name), "{id}: nobody measures {name}");
        assert_eq!(*dimensions, BTreeSet::from(DIMENSIONS.map(str::to_owned)), "{id}");
    }
    let watched: BTreeSet<_> = metrics.iter().map(|(_, name, _)| name.as_str()).collect();
    assert_eq!(watched, BTreeSet::from(["Bookings", "MilesLag", "Searches", "Swept"]));
}

#[test]
fn the_whole_way_leads_through_resources_that_there_are() {
    let names = r#".[].Resources[].Properties | .Name, .TopicName, .QueueName | .["Fn::Sub"]? | strings"#;
    let names: BTreeSet<String> = jq(&rendered(services()), names).into_iter().collect();
    let mut graphs = graph_lines(&rendered(["operations"].into_iter()));
    graphs.retain(|line| line[0].as_str().is_some_and(|namespace| namespace != NAMESPACE));
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
    let queries = r#".Resources | to_entries[] | select(.value.Type == "AWS::Logs::QueryDefinition")
        | [.key, .value.Properties.QueryString, [.value.Properties.LogGroupNames[].Ref]]"#;
    for service in services() {
        let template = template::render(service).unwrap();
        let queries: Vec<(String, String, Vec<String>)> = jq(&template, queries);
        assert!(queries.len() >= 4, "{service}");
        for (id, query, groups) in queries {
            let have: BTreeSet<String> =
                groups.iter().flat_map(|group| fields_of(service, &template, group)).collect();
            let asked = fields_asked(&query);
            if have.is_empty() {
                continue; // a service without examples of its lines: its queries are the shared ones
            }
            let missing: Vec<_> = asked.difference(&have).collect();
            assert!(missing.is_empty(), "{service}: {id} asks for {missing:?}");
            assert!(!asked.is_empty(), "{id}");
        }
    }
}

/// The fields of the lines in a log group, by the examples that the services' own tests hold them to.
fn fields_of(service: &str, template: &Value, group: &str) -> Vec<String> {
    if group == "AccessLogs" {
        return jq(template, ".Resources.Api.Properties.AccessLogSetting.Format | strict_json | keys[]");
    }
    let function = group.trim_end_matches("Logs").to_lowercase();
    let lines: Value =
        log_lines(service).into_iter().filter(|(of, _)| *of == function).map(|(_, line)| line).collect();
    jq(&lines, ".[] | keys[]")
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

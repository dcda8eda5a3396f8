//! The functions at the edge, run: CloudFront's JavaScript is JavaScript, and what it decides is held to the laptop's table.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::project;
use crate::template;

/// The code of an edge function, with `values` for what deployment puts in.
fn code(function: &str, values: &[(&str, &str)]) -> String {
    let web = template::render("web").unwrap();
    let code = &web["Resources"][function]["Properties"]["FunctionCode"];
    let mut text = code.as_str().or(code["Fn::Sub"][0].as_str()).unwrap().to_owned();
    for (name, value) in values {
        text = text.replace(&format!("${{{name}}}"), value);
    }
    assert!(!text.contains("${"), "{text}");
    text
}

/// What the function gives for each address: the request it passes on, or an answer of its own.
fn run(code: &str, uris: &[String]) -> Vec<Value> {
    let uris = serde_json::to_string(uris).unwrap();
    let script = format!(
        "'use strict'; {code}\nconst event = (uri) => ({{ version: '1.0', context: {{ eventType: 'viewer-request' }}, \
         request: {{ method: 'GET', uri, querystring: {{}}, headers: {{}}, cookies: {{}} }} }});\n\
         console.log(JSON.stringify({uris}.map((uri) => handler(event(uri)))));"
    );
    let mut node =
        Command::new("node").arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect(
            "the edge's functions are run by node, which Tern needs anyway: install Node.js 20 or newer",
        );
    node.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let said = node.wait_with_output().unwrap();
    assert!(said.status.success());
    serde_json::from_slice(&said.stdout).unwrap()
}

#[test]
fn each_view_has_the_document_that_it_has_on_a_laptop() {
    let table = project::root().join("frontend/tests/views.json");
    let views: Vec<(String, Option<String>)> = project::read_json(&table).unwrap();
    let paths: Vec<String> = views.iter().map(|(path, _)| path.clone()).collect();
    let routed = run(&code("Pages", &[]), &paths);
    assert_eq!(routed.len(), views.len());
    for ((path, document), request) in views.iter().zip(routed) {
        let expected = document.as_ref().map_or(path.clone(), |document| format!("/{document}"));
        assert_eq!(request["uri"], expected, "{path}");
        assert_eq!(request["method"], "GET", "{path}");
    }
}

#[test]
fn a_service_is_asked_for_its_own_path() {
    let paths = [
        ("/api/booking/bookings/K7QZ4M", "/bookings/K7QZ4M"),
        ("/api/airmiles/airmiles/K7QZ4M", "/airmiles/K7QZ4M"),
        ("/api/booking/api/booking/x", "/api/booking/x"),
        ("/api/bookings/x", "/api/bookings/x"),
    ];
    let uris: Vec<String> = paths.iter().map(|(path, _)| (*path).to_owned()).collect();
    for ((path, expected), request) in paths.iter().zip(run(&code("ApiPaths", &[]), &uris)) {
        assert_eq!(request["uri"], *expected, "{path}");
    }
}

#[test]
fn the_web_app_is_told_where_it_runs() {
    let values = [("Domain", "https://sign-in.tern.example"), ("Client", "abc123")];
    let answers = run(&code("Config", &values), &["/config.json".to_owned()]);
    let answer = &answers[0];
    assert_eq!(answer["statusCode"], 200);
    assert_eq!(answer["headers"]["content-type"]["value"], "application/json");
    assert_eq!(answer["headers"]["cache-control"]["value"], "no-cache");
    let config: Value = serde_json::from_str(answer["body"]["data"].as_str().unwrap()).unwrap();
    assert_eq!(
        config,
        json!({
            "booking_api": "/api/booking", "airmiles_api": "/api/airmiles",
            "sign_in": { "kind": "cognito", "domain": "https://sign-in.tern.example", "client_id": "abc123" },
        })
    );
}

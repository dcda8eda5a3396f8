use std::path::Path;

use super::*;

/// A service that sells, with everything that a descriptor can have.
const SHOP: &str = r#"
name = "shop"
title = "Shop"
summary = "sells"
release = "functions"
package = "api-shop"
base_path = "/api/shop"
access = "public"

[functions]
http.triggers = ["http"]
outbox.triggers = [{ table_stream = { partition_prefix = "OUTBOX#" } }, { schedule = "rate(1 minute)" }]

[table]
name = "shop"
key = { partition = "pk", sort = "sk" }
attributes = { pk = "S", sk = "S", at = "N" }
indexes = [{ name = "by_time", kind = "local", key = { partition = "pk", sort = "at" } }]
stream = "new_image"
ttl = "expires_at"

[[publishes]]
topic = "events"
events = ["shop.sold.v1"]

[[dashboard]]
title = "Sales"
metrics = ["Sales Sum", "Delay p99"]
"#;

/// A service that consumes what the shop publishes.
const STOCK: &str = r#"
name = "stock"
title = "Stock"
summary = "counts"
release = "functions"
package = "api-stock"
base_path = "/api/stock"
access = "private"
callers = ["shop"]

[functions]
http.triggers = ["http"]
events.triggers = [{ queue = "shop-events" }]

[[consumes]]
from = "shop"
events = ["shop.sold.v1"]
queue = "shop-events"
"#;

/// A service without functions.
const PEOPLE: &str = "name = \"people\"\ntitle = \"People\"\nsummary = \"sign in\"\nrelease = \"nothing\"\naccess = \"public\"\n";

fn services(texts: &[&str]) -> Result<Services, Error> {
    Services::new(texts.iter().map(|text| Service::parse(text, "service.toml")).collect::<Result<_, _>>()?)
}

/// `text` with `old` replaced, which must be there.
fn with(text: &str, old: &str, new: &str) -> String {
    assert!(text.contains(old), "{old}");
    text.replace(old, new)
}

/// The descriptor of a service `name` that needs `calls`.
fn caller(name: &str, calls: &str) -> String {
    let title = format!("title = \"{}\"", name.to_uppercase());
    let renamed = with(PEOPLE, "title = \"People\"", &title).replace("people", name);
    format!("{renamed}calls = [{calls}]\n")
}

#[test]
fn a_descriptor_is_read() {
    let shop = Service::parse(SHOP, "service.toml").unwrap();
    assert_eq!(shop.region, "eu-west-1");
    assert_eq!(shop.function_with(|trigger| matches!(trigger, Trigger::Schedule(_))), Some("outbox"));
    assert_eq!(
        shop.binaries().collect::<Vec<_>>(),
        [("http", "shop-http".to_owned()), ("outbox", "shop-outbox".to_owned())]
    );
    assert_eq!(shop.dashboard[0].lines().collect::<Vec<_>>(), [("Sales", "Sum"), ("Delay", "p99")]);
    let table = shop.table.unwrap();
    assert_eq!(table.stream.map(StreamView::as_str), Some("NEW_IMAGE"));
    assert_eq!(table.attributes["at"].as_str(), "N");
}

#[test]
fn each_service_comes_after_those_that_it_needs() {
    let all =
        services(&[&caller("app", "\"stocks\", \"people\""), &caller("stocks", ""), PEOPLE, STOCK, SHOP]);
    let all = all.unwrap();
    assert_eq!(all.names().collect::<Vec<_>>(), ["people", "shop", "stock", "stocks", "app"]);
    let consumers: Vec<_> = all.consumers("shop").map(|(service, _)| service.name.as_str()).collect();
    assert_eq!(consumers, ["stock"]);
}

#[test]
fn a_descriptor_that_breaks_a_rule_is_refused() {
    for (text, sentence) in [
        (
            with(SHOP, "\"shop\"\ntitle", "\"Shop 1\"\ntitle"),
            "the service's name `Shop 1` is not 2 to 20 lower case letters",
        ),
        (
            with(SHOP, "topic = \"events\"", "topic = \"Events\""),
            "`Events` is no name: a name is lower case letters, digits and hyphens",
        ),
        (
            with(SHOP, "[[publishes]]", "[[publishes]]\ntopic = \"news\"\nevents = []\n[[publishes]]"),
            "a service publishes to one topic",
        ),
        (
            with(SHOP, "{ table_stream = { partition_prefix = \"OUTBOX#\" } }, ", ""),
            "no function with the trigger table_stream publishes to the topic events",
        ),
        (
            with(
                STOCK,
                "[[consumes]]",
                "[[consumes]]\nfrom = \"shop\"\nevents = []\nqueue = \"shop-events\"\n[[consumes]]",
            ),
            "each publisher has one queue of its own: shop or shop-events stands twice",
        ),
        (
            with(SHOP, "title = \"Shop\"", "title = \"The Shop\""),
            "the title `The Shop` is part of parameter names: letters and digits only",
        ),
        (
            with(SHOP, "package = \"api-shop\"\n", ""),
            "a release of functions needs a package and at least one function",
        ),
        (with(SHOP, "\"functions\"", "\"files\""), "a release of files needs a package and has no functions"),
        (
            with(SHOP, "\"functions\"", "\"nothing\""),
            "a release of nothing has neither package nor functions",
        ),
        (with(STOCK, "callers = [\"shop\"]\n", ""), "a private service lists its callers"),
        (
            with(SHOP, "/api/shop", "/api/shop/"),
            "the base path `/api/shop/` begins with a slash and doesn't end with one",
        ),
        (
            with(SHOP, "base_path = \"/api/shop\"\n", ""),
            "the function http answers requests, but there is no base path",
        ),
        (
            with(SHOP, "[\"http\"]", "[{ schedule = \"rate(1 hour)\" }]"),
            "a base path needs a function with the trigger http",
        ),
        (with(SHOP, "[functions]", "[functions]\nidle.triggers = []"), "nothing triggers the function idle"),
        (
            with(SHOP, "stream = \"new_image\"\n", ""),
            "the function outbox reads a table stream, but there is none",
        ),
        (
            with(STOCK, "queue = \"shop-events\" }", "queue = \"other\" }"),
            "the function events reads the queue other, which receives no events",
        ),
        (
            with(STOCK, "[\"http\"]", "[\"http\", { queue = \"shop-events\" }]"),
            "two functions read the queue shop-events",
        ),
        (
            with(STOCK, "[{ queue = \"shop-events\" }]", "[\"http\"]"),
            "no function reads the queue shop-events",
        ),
        (with(SHOP, ", at = \"N\"", ""), "the key attribute at has no type in `attributes`"),
        (
            with(SHOP, "at = \"N\"", "at = \"N\", colour = \"S\""),
            "the attribute colour is part of no key: list key attributes only",
        ),
        (
            with(
                SHOP,
                "key = { partition = \"pk\", sort = \"at\" }",
                "key = { partition = \"at\", sort = \"pk\" }",
            ),
            "the local index by_time needs the table's partition key",
        ),
        (
            with(SHOP, "Delay p99", "Delay"),
            "the graph `Sales` needs lines of the form `<metric> <statistic>`",
        ),
    ] {
        let error = Service::parse(&text, "service.toml").unwrap_err().to_string();
        assert_eq!(error, format!("service.toml: {sentence}"));
    }
}

#[test]
fn a_misspelt_field_is_refused_with_its_place() {
    let error = Service::parse(&with(SHOP, "base_path", "basepath"), "api-shop/service.toml").unwrap_err();
    let error = error.to_string();
    assert!(error.starts_with("api-shop/service.toml: TOML parse error at line 7"), "{error}");
    assert!(error.contains("unknown field `basepath`"), "{error}");
}

#[test]
fn a_graph_that_breaks_a_rule_is_refused() {
    let renamed = with(STOCK, "name = \"stock\"", "name = \"stores\"");
    let elsewhere = with(&renamed, "\"Stock\"", "\"Stores\"");
    let elsewhere = with(&elsewhere, "/api/stock", "/api/stores");
    for (texts, sentence) in [
        (vec![PEOPLE.to_owned(), PEOPLE.to_owned()], "two services have the name people"),
        (vec![SHOP.to_owned(), STOCK.to_owned(), renamed], "stock and stores both have the title Stock"),
        (
            vec![SHOP.to_owned(), STOCK.to_owned(), elsewhere],
            "stock and stores both have the package api-stock",
        ),
        (
            vec![
                SHOP.to_owned(),
                with(
                    STOCK,
                    "[[consumes]]",
                    "[table]\nname = \"shop\"\nkey = { partition = \"pk\" }\nattributes = { pk = \"S\" }\n[[consumes]]",
                ),
            ],
            "shop and stock both have the table shop",
        ),
        (
            vec![caller("app", "\"hotels\"")],
            "app calls hotels, but there is no service hotels: take one of app",
        ),
        (
            vec![with(STOCK, "callers = [\"shop\"]", "callers = [\"hotels\"]"), SHOP.to_owned()],
            "stock may be called by hotels, but there is no service hotels: take one of shop, stock",
        ),
        (
            vec![with(STOCK, "[\"shop\"]", "[\"people\"]"), PEOPLE.to_owned()],
            "stock consumes events of shop, but there is no service shop: take one of people, stock",
        ),
        (
            vec![SHOP.to_owned(), STOCK.to_owned(), caller("app", "\"stock\"")],
            "app calls stock, which is private: add app to the callers of stock",
        ),
        (
            vec![with(SHOP, "shop.sold.v1", "shop.sold.v2"), STOCK.to_owned()],
            "stock consumes shop.sold.v1 of shop, which doesn't publish it",
        ),
        (
            vec![
                with(SHOP, "access = \"public\"", "access = \"public\"\ncalls = [\"stock\"]"),
                STOCK.to_owned(),
            ],
            "services need each other in a circle: shop -> stock -> shop",
        ),
        (
            vec![caller("app", "\"bb\""), caller("bb", "\"cc\""), caller("cc", "\"bb\"")],
            "services need each other in a circle: bb -> cc -> bb",
        ),
        (vec![caller("app", "\"app\"")], "services need each other in a circle: app -> app"),
    ] {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(services(&texts).unwrap_err().to_string(), sentence);
    }
}

#[test]
fn every_descriptor_of_the_project_is_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let services = Services::read(root).unwrap();
    assert_eq!(services.names().next(), Some("members"));
    assert_eq!(services.names().last(), Some("web"));
    assert_eq!(
        services.get("hotels").unwrap_err().to_string(),
        format!(
            "there is no service hotels: take one of {}",
            services.names().collect::<Vec<_>>().join(", ")
        )
    );
}

#[test]
fn a_file_that_cant_be_read_is_named() {
    let root = tempfile::tempdir().unwrap();
    let error = Services::read(root.path()).unwrap_err().to_string();
    assert!(error.contains("infra/services can't be read: "), "{error}");
    std::fs::create_dir_all(root.path().join("infra/services/a")).unwrap();
    std::fs::write(root.path().join("infra/services/a/service.toml"), "name = 1").unwrap();
    let error = Services::read(root.path()).unwrap_err().to_string();
    assert!(error.starts_with("infra/services/a/service.toml: TOML parse error"), "{error}");
}

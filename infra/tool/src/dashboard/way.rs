//! The way of events on one dashboard, over the accounts that they go through: each publisher and each consumer, in the order
//! in which the services need each other. It is in Tools, which may read the others' metrics (`infra/operations`).

use anyhow::{Context, Result};
use serde_json::{Value, json};
use service_descriptor::{Service, Services, Trigger};

use super::widgets::{Line, Widgets};
use super::{ANSWERS, LATENCY, MESSAGES, own};

const DELIVERIES: [(&str, &str); 3] = [
    ("NumberOfMessagesPublished", "Sum"),
    ("NumberOfNotificationsDelivered", "Sum"),
    ("NumberOfNotificationsFailed", "Sum"),
];

/// Adds a dashboard, and the accounts that it reads as parameters, for each environment in the template's metadata
/// `WholeWay`, which is removed.
///
/// # Errors
/// When an environment has no name.
pub(crate) fn add(template: &mut Value, services: &Services) -> Result<()> {
    let environments = template["Metadata"]["WholeWay"].take();
    if let Some(template) = template.as_object_mut() {
        template.remove("Metadata");
    }
    for environment in environments.as_array().context("WholeWay lists environments")? {
        let environment = environment.as_str().context("an environment is a name")?;
        let (first, rest) = environment.split_at_checked(1).context("an environment has a name")?;
        let titled = first.to_uppercase() + rest;
        let way = Way { environment, titled: &titled };
        for service in chain(services) {
            template["Parameters"][way.account(service)] =
                json!({ "Type": "String", "AllowedPattern": "^[0-9]{12}$" });
        }
        let name = format!("tern-{environment}-whole-way");
        template["Resources"][format!("WholeWay{titled}Dashboard")] = way.widgets(services).dashboard(&name);
    }
    Ok(())
}

/// The services that publish or consume events, each after those that it needs.
fn chain(services: &Services) -> impl Iterator<Item = &Service> {
    services.iter().filter(|service| !service.publishes.is_empty() || !service.consumes.is_empty())
}

struct Way<'a> {
    environment: &'a str,
    titled: &'a str,
}

impl Way<'_> {
    /// The parameter that holds a service's account.
    fn account(&self, service: &Service) -> String {
        format!("{}{}AccountId", service.title, self.titled)
    }

    fn widgets(&self, services: &Services) -> Widgets {
        let environment = self.environment;
        let mut widgets = Widgets::default();
        let titles: Vec<_> = chain(services).map(|service| service.title.as_str()).collect();
        widgets.text(&format!(
            "**The whole way, {environment}.** {}: each service's queues, own metrics, API and topics, in that order. Where \
             one booking is: the saved query *Where is a booking* in each account, or its trace by the annotation \
             `record_locator`. What to do: docs/runbooks.",
            titles.join(", then ")
        ));
        for (number, service) in chain(services).enumerate() {
            let title = |what: &str| format!("{}. {}: {what}", number + 1, service.title);
            for consumed in &service.consumes {
                let name = format!("{}-{}", service.name, consumed.queue);
                let graph = format!("queue {}, messages and the oldest one's age in s", consumed.queue);
                widgets.graph(title(&graph), self.named("AWS/SQS", "QueueName", service, &name, &MESSAGES));
            }
            for graph in &service.dashboard {
                let account = format!("${{{}}}", self.account(service));
                widgets.graph(title(&graph.title), own(graph, &service.name, environment, Some(&account)));
            }
            if service.base_path.is_some() {
                let api = |metrics| self.named("AWS/ApiGateway", "ApiName", service, &service.name, metrics);
                widgets.graph(title("answers"), api(&ANSWERS));
                widgets.graph(title("latency, ms"), api(&LATENCY));
            }
            for published in &service.publishes {
                let name = format!("{}-{}", service.name, published.topic);
                let lines = self.named("AWS/SNS", "TopicName", service, &name, &DELIVERIES);
                widgets.graph(title(&format!("topic {}", published.topic)), lines);
            }
        }
        widgets
            .graph("Dead letters", chain(services).flat_map(|service| self.dead_letters(service)).collect());
        widgets
    }

    fn dead_letters(&self, service: &Service) -> Vec<Line> {
        let has_stream =
            service.function_with(|trigger| matches!(trigger, Trigger::TableStream { .. })).is_some();
        let mut queues = Vec::new();
        queues.extend(has_stream.then(|| "stream".to_owned()));
        queues.extend((!service.consumes.is_empty()).then(|| "subscription".to_owned()));
        queues.extend(service.consumes.iter().map(|consumed| consumed.queue.clone()));
        let lines = queues.into_iter().flat_map(|queue| {
            let name = format!("{}-{queue}-dead-letters", service.name);
            let metric = [("ApproximateNumberOfMessagesVisible", "Maximum")];
            let lines = self.named("AWS/SQS", "QueueName", service, &name, &metric);
            lines.into_iter().map(move |line| line.labelled(&name))
        });
        lines.collect()
    }

    /// The lines of a resource called `tern-<environment>-<name>` in the service's account.
    fn named(
        &self,
        namespace: &str,
        dimension: &str,
        service: &Service,
        name: &str,
        metrics: &[(&str, &str)],
    ) -> Vec<Line> {
        let name = format!("tern-{}-{name}", self.environment);
        let account = format!("${{{}}}", self.account(service));
        let line = |(metric, statistic): &(&str, &str)| {
            Line::new(namespace, metric, statistic, vec![(dimension, name.clone())]).in_account(&account)
        };
        metrics.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project;

    #[test]
    fn each_environment_has_a_dashboard_and_the_accounts_on_the_way_as_parameters() {
        let mut template = json!({ "Metadata": { "WholeWay": ["dev"] }, "Parameters": {}, "Resources": {} });
        let services = project::services().unwrap();
        add(&mut template, services).unwrap();
        assert!(template.get("Metadata").is_none());
        let body = &template["Resources"]["WholeWayDevDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"];
        let body = body.as_str().unwrap();
        for service in chain(services) {
            let account = format!("{}DevAccountId", service.title);
            assert_eq!(template["Parameters"][&account]["Type"], "String");
            assert!(body.contains(&format!("\"${{{account}}}\"")), "{account}");
        }
        for (environments, sentence) in
            [(json!([""]), "an environment has a name"), (json!("dev"), "WholeWay lists environments")]
        {
            let mut template = json!({ "Metadata": { "WholeWay": environments } });
            assert_eq!(add(&mut template, services).unwrap_err().to_string(), sentence);
        }
    }
}

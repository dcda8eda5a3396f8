//! `cargo xtask contract <verb>`: contracts between services, and whether a release breaks a consumer.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use contract_gate::gate::{self, Verdict};
use contract_gate::store::Store;
use contract_gate::tree::Tree;
use service_descriptor::Services;
use xshell::Cmd;

use crate::project::Project;

/// What [`contract`] does.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Write api-types/contracts: OpenAPI and events from routes and types, outputs from the stacks
    Generate,
    /// Before a deployment: fail with a sentence for each consumer that a release from this checkout would break
    ///
    /// Compares what each service of this checkout provides and reads with the environments' released copies.
    Check {
        /// The environment (dev, qa, prod); without it, all that have a release
        #[arg(long)]
        environment: Option<String>,
        /// The service, by the name in its service.toml; without it, all
        #[arg(long)]
        service: Option<String>,
        #[command(flatten)]
        compared: Compared,
    },
    /// After a deployment: record that the service of this checkout runs in the environment
    Release {
        /// The environment: dev, qa, prod
        #[arg(long)]
        environment: String,
        /// The service, by the name in its service.toml
        #[arg(long)]
        service: String,
        /// The release's name, for instance its digest; the same name recorded again is still one release
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        compared: Compared,
    },
}

#[derive(Args)]
struct Compared {
    /// The folder with the released copies, <environment>/<service>.json, which must exist; without it, the tree's own
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// Don't run the services' contract tests, which fail on a stale contract: they have passed on this commit
    #[arg(long)]
    tested: bool,
}

impl Compared {
    /// The contracts of the checkout, which must be up to date, and the released copies.
    fn open(&self, project: &Project) -> Result<(Tree, Store)> {
        let own = project.path("api-types/contracts/released");
        let store = Store::open(self.store.as_ref().unwrap_or(&own))?;
        if !self.tested {
            eprintln!("contracts: compared with routes and types");
            run(contract_tests(project)?)?;
        }
        eprintln!("contracts: compared with stacks");
        run(outputs(project).arg("--check"))?;
        Ok((Tree::read(&project.path(""))?, store))
    }
}

/// Does what was asked.
pub(crate) fn contract(project: &Project, options: &Options) -> Result<()> {
    match &options.verb {
        Verb::Generate => generate(project),
        Verb::Check { environment, service, compared } => {
            let (tree, store) = compared.open(project)?;
            check(&tree, &store, environment.as_deref(), service.as_deref()).map(drop)
        }
        Verb::Release { environment, service, name, compared } => {
            let (tree, store) = compared.open(project)?;
            let path = gate::release(&tree, &store, environment, service, name.as_deref())?;
            println!("{service} runs in {environment} now: {}", project.short(&path));
            Ok(())
        }
    }
}

/// The tree's own contracts and registrations against the tree's own released copies, for [`crate::suite`]. Gives a line for
/// each comparison.
pub(crate) fn check_all(project: &Project, tested: bool) -> Result<Vec<String>> {
    let (tree, store) = Compared { store: None, tested }.open(project)?;
    Ok(check(&tree, &store, None, None)?.held)
}

fn check(tree: &Tree, store: &Store, environment: Option<&str>, service: Option<&str>) -> Result<Verdict> {
    let verdict = gate::check(tree, store, environment, service)?;
    println!("{}", report(&verdict));
    match verdict.refusals.len() {
        0 => Ok(verdict),
        1 => bail!("the release would break a consumer: see BREAKS above"),
        count => bail!("the release would break consumers in {count} places: see BREAKS above"),
    }
}

/// A line for each comparison, note and breach.
fn report(verdict: &Verdict) -> String {
    let held = verdict.held.iter().map(|line| format!("contracts: {line}"));
    let notes = verdict.notes.iter().map(|note| format!("note: {note}"));
    let refusals = verdict.refusals.iter().map(|refusal| format!("BREAKS: {refusal}"));
    held.chain(notes).chain(refusals).collect::<Vec<_>>().join("\n")
}

/// Writes `api-types/contracts/`: each service's contract test writes what its routes and types say, infra-tool the outputs.
fn generate(project: &Project) -> Result<()> {
    eprintln!("contracts: generated from routes, types and stacks");
    run(contract_tests(project)?.env("UPDATE_CONTRACTS", "1"))?;
    print!("{}", run(outputs(project))?);
    Ok(())
}

/// `contract::` among the tests of each service that has functions.
fn contract_tests(project: &Project) -> Result<Cmd<'_>> {
    let services = Services::read(&project.path(""))?;
    let with_functions = services.iter().filter(|service| !service.functions.is_empty());
    let packages = with_functions.filter_map(|service| service.package.as_ref());
    let test = project.cargo(["test", "--quiet", "--test", "service"]).env("RUST_BACKTRACE", "0");
    Ok(test.args(packages.flat_map(|package| ["--package", package])).args(["--", "contract::"]))
}

fn outputs(project: &Project) -> Cmd<'_> {
    project.cargo(["run", "--quiet", "--package", "infra-tool", "--", "outputs"])
}

/// What the command printed.
fn run(command: Cmd<'_>) -> Result<String> {
    let done = command.quiet().ignore_status().output()?;
    let printed = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() {
        return Ok(printed);
    }
    let everything = format!("{printed}{}", String::from_utf8_lossy(&done.stderr));
    match stale(&everything) {
        Some(stale) => bail!("{stale}"),
        None => bail!("the contracts could not be generated: {}", everything.trim()),
    }
}

/// Which contract is stale and what to do, if a generator printed that.
fn stale(printed: &str) -> Option<&str> {
    let line = printed.lines().find(|line| line.contains(" is stale: "))?;
    Some(line.strip_prefix("error: ").unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From nothing released to a web app in qa that reads what this checkout's Booking doesn't give.
    #[test]
    fn a_release_is_noted_and_the_next_is_held_to_it() {
        let (folder, project) = (tempfile::tempdir().unwrap(), Project::find().unwrap());
        let tree = Tree::read(&project.path("")).unwrap();
        let store = Store::open(folder.path()).unwrap();
        let check = || check(&tree, &store, Some("qa"), Some("booking"));
        let reported = || report(&gate::check(&tree, &store, Some("qa"), Some("booking")).unwrap());

        assert_eq!(
            reported(),
            "contracts: qa: booking compared with 0 released copies and 0 registered consumers\n\
             note: Booking would be released in qa for the first time\n\
             BREAKS: Booking reads Members, which is not released in qa yet. Booking: wait until it is."
        );
        let services = Services::read(&project.path("")).unwrap();
        for service in services.names() {
            gate::release(&tree, &store, "qa", service, Some("8c1f")).unwrap();
        }
        let readers = tree.registrations.values().filter(|each| each.reads.contains_key("booking")).count();
        let compared = format!(
            "contracts: qa: booking compared with {} released copies and {readers} registered consumers",
            tree.services.len()
        );
        assert_eq!(reported(), compared);
        assert!(check().is_ok());

        let path = folder.path().join("qa/web.json");
        let copy = std::fs::read_to_string(&path).unwrap().replace("offers[].miles", "offers[].meal");
        let mut copy: serde_json::Value = serde_json::from_str(&copy).unwrap();
        let schemas = &mut copy["client"]["built_with"]["booking"]["openapi"]["components"]["schemas"];
        schemas["Offer"]["properties"]["meal"] = serde_json::json!({"type": "string"});
        std::fs::write(&path, copy.to_string()).unwrap();
        assert_eq!(
            reported(),
            compared
                + "\nBREAKS: Web in qa reads `offers[].meal` of GET /flights, which this Booking doesn't have. Booking: keep it until \
             qa runs a version of Web that does without it."
        );
        assert_eq!(check().unwrap_err().to_string(), "the release would break a consumer: see BREAKS above");
    }

    #[test]
    fn a_stale_contract_is_found_in_what_a_generator_prints() {
        let sentence =
            "api-types/contracts/a.json is stale: run `cargo xtask contract generate` and commit it";
        assert_eq!(stale(&format!("warning: unused\n\nerror: {sentence}\n")), Some(sentence));
        assert_eq!(
            stale(&format!("thread 'a' panicked at b.rs:1:5:\n{sentence}\nnote: run")),
            Some(sentence)
        );
        assert_eq!(stale("error: could not compile `api-types`\n"), None);
    }
}

//! `emulate`: the real templates, translated, and the real zips in emulated accounts on loopback, and the journeys against them.

mod gaps;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::python::{self, Tools};
use crate::release::{self, Release};
use crate::{check, project, template, web};

const REGION: &str = "eu-west-1";
const WEB_REGION: &str = "us-east-1";
const ENVIRONMENT: &str = "dev";

/// One account a service. The numbers are nobody's: a documentation's habit.
const ACCOUNTS: [(&str, &str); 4] = [
    ("members", "111111111111"),
    ("booking", "222222222222"),
    ("airmiles", "333333333333"),
    ("web", "444444444444"),
];

/// Deploys every service into an account of its own and runs the journeys: once without and once with roles and policies
/// enforced.
///
/// # Errors
/// When a binary is missing, a stack can't be made, or a journey goes wrong.
pub(crate) fn emulate(binaries: Option<&Path>, enforced_only: bool) -> Result<()> {
    let started = Instant::now();
    let binaries = match binaries {
        Some(folder) => folder.to_path_buf(),
        None => build()?,
    };
    gaps::print();
    let releases = release::make(&binaries)?;
    let translated = check::translate_own(&releases)?;
    for enforce in [false, true] {
        if enforce || !enforced_only {
            println!(
                "{}",
                if enforce {
                    "with roles and policies enforced:"
                } else {
                    "without roles and policies enforced:"
                }
            );
            run(&plan(&releases, &translated, enforce)?)?;
        }
    }
    println!("emulated deployment and its journeys: {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

fn run(plan: &Value) -> Result<()> {
    let folder = project::output().join("emulate");
    let path = folder.join("plan.json");
    std::fs::write(&path, serde_json::to_string_pretty(plan)?)?;
    // What it says is for the developer to see as it happens.
    let mut run = Command::new(Tools::Emulator.bring()?.join("python3"));
    run.arg("-B").arg(python::script("emulate.py")).arg(&path);
    if !run.status().context("starting the emulated deployment")?.success() {
        bail!(
            "the emulated deployment failed; the emulator's log is {}",
            folder.join("emulator.log").display()
        );
    }
    Ok(())
}

/// The services' binaries for this machine, as they are released.
fn build() -> Result<PathBuf> {
    let target = project::output().parent().context("the output lies in target/")?.to_path_buf();
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(project::root())
        .args(["build", "--release", "--package", "api-booking", "--package", "api-airmiles", "--bins"])
        .arg("--target-dir")
        .arg(&target);
    if !cargo.status().context("starting cargo")?.success() {
        bail!("the services' binaries could not be built");
    }
    Ok(target.join("release"))
}

fn account(service: &str) -> &'static str {
    ACCOUNTS.iter().find(|(name, _)| *name == service).map_or("", |(_, account)| account)
}

/// Everything that the Python step needs to know.
fn plan(releases: &[Release], translated: &[(&str, PathBuf)], enforce: bool) -> Result<Value> {
    let folder = project::output().join("emulate");
    std::fs::create_dir_all(&folder)?;
    let mut templates = Vec::new();
    for (stack, path) in translated {
        let stack = template::name(stack);
        let translated = serde_json::from_slice(&std::fs::read(path)?)?;
        let local = gaps::go_round(stack, translated)?;
        let path = folder.join(format!("{stack}.json"));
        std::fs::write(&path, serde_json::to_string_pretty(&local)?)?;
        templates.push((stack, path));
    }
    let template_of = |stack: &str| {
        let found = templates.iter().find(|(name, _)| *name == stack).map(|(_, path)| path);
        found.with_context(|| format!("the stack {stack} was not translated"))
    };
    let mut stacks = Vec::new();
    for (service, account) in ACCOUNTS {
        stacks.push(json!({
            "name": format!("tern-{ENVIRONMENT}-baseline"), "account": account, "region": REGION,
            "template": template_of("baseline")?,
            "parameters": {
                "Environment": ENVIRONMENT, "Service": service, "OrganizationId": "o-0123456789",
                "AlarmEmail": "alarms@tern.example", "ToolsAccountId": "555555555555",
            },
        }));
    }
    for (service, account) in ACCOUNTS {
        let region = if service == "web" { WEB_REGION } else { REGION };
        stacks.push(json!({
            "name": format!("tern-{ENVIRONMENT}-{service}"), "account": account, "region": region,
            "template": template_of(service)?, "parameters": parameters(service, releases)?,
        }));
    }
    let mut zips = Vec::new();
    for release in releases {
        for (function, path) in &release.zips {
            zips.push(json!({
                "account": account(release.service), "bucket": bucket(release.service),
                "key": release.key(function), "path": path,
            }));
        }
    }
    let accounts: serde_json::Map<_, _> =
        ACCOUNTS.iter().map(|(name, account)| ((*name).to_owned(), json!(account))).collect();
    Ok(json!({
        "environment": ENVIRONMENT, "region": REGION, "accounts": accounts, "stacks": stacks, "zips": zips,
        "web_files": web_files()?, "enforce": enforce, "log": folder.join("emulator.log"),
        "programs": Tools::Emulator.bring()?,
    }))
}

/// The web app's files, none while it is not built.
fn web_files() -> Result<Vec<Value>> {
    let dist = project::root().join("frontend/dist");
    if !dist.is_dir() {
        return Ok(Vec::new());
    }
    let files = web::files(&dist)?.into_iter().map(|file| {
        json!({
            "key": file.key, "path": file.path, "content_type": file.content_type, "cache_control": file.cache_control,
        })
    });
    Ok(files.collect())
}

/// The emulator keeps a bucket per account; in AWS there is one in Tools.
fn bucket(service: &str) -> String {
    format!("releases-{}", account(service))
}

fn parameters(service: &str, releases: &[Release]) -> Result<Value> {
    let release = || {
        let release = releases.iter().find(|release| release.service == service);
        release.map(|release| release.id.clone()).with_context(|| format!("{service} has no release"))
    };
    let mut parameters = json!({ "Environment": ENVIRONMENT });
    let more = match service {
        "members" => json!({ "WebDomain": "tern.example", "SignInPrefix": "tern-dev" }),
        "booking" => json!({
            "OrganizationId": "o-0123456789", "AirmilesAccountId": account("airmiles"),
            "MembersAccountId": account("members"), "ArtifactBucket": bucket(service), "Release": release()?,
        }),
        "airmiles" => json!({
            "BookingAccountId": account("booking"), "MembersAccountId": account("members"),
            "ArtifactBucket": bucket(service), "Release": release()?,
        }),
        "web" => json!({
            "WebDomain": "tern.example", "CertificateArn": "arn:aws:acm:us-east-1:444444444444:certificate/tern",
            "BookingAccountId": account("booking"), "AirmilesAccountId": account("airmiles"),
            "MembersAccountId": account("members"),
        }),
        _ => bail!("{service} has no parameters here"),
    };
    if let (Some(parameters), Value::Object(more)) = (parameters.as_object_mut(), more) {
        parameters.extend(more);
    }
    Ok(parameters)
}

//! `check`: translate, lint source and output, hold to Tern's own rules, scan. Offline and without credentials.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::folder::Folder;
use crate::python::{self, Tools};
use crate::release::Release;
use crate::rules::{Finding, Outcome, Rules};
use crate::{outputs, project, stack_role, template, yaml};

/// Where the templates run. The web app's stack is in us-east-1, the others in the first.
const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

/// A template on its way through the checks.
struct Candidate {
    /// How findings call it.
    name: String,
    rendered: PathBuf,
    translated: PathBuf,
}

/// Checks `files` (rendered templates), or without any the project's own.
///
/// # Errors
/// When a template breaks a rule, after all that was found is printed; or when a tool can't be run.
pub(crate) fn check(files: &[PathBuf]) -> Result<()> {
    let started = Instant::now();
    if files.is_empty() {
        outputs::write(true)?;
    }
    let folder = Folder::make("check")?;
    let candidates = if files.is_empty() { own(folder.path())? } else { given(files, folder.path())? };
    let lint = Tools::Lint.bring()?;
    let checkov = Tools::Checkov.bring()?;
    translate(&lint, &candidates)?;

    // The scanners take most of the time and don't wait for each other.
    let (linted, scanned) = thread::scope(|scope| {
        let scan = scope.spawn(|| scan(&checkov, &candidates));
        let linted = cfn_lint(&lint, &candidates);
        (linted, scan.join().unwrap_or_else(|_| bail!("the scan panicked")))
    });
    let mut findings = linted?;
    findings.extend(scanned?);
    let rules = Rules::read()?;
    let mut rules_kept = 0;
    for candidate in &candidates {
        let translated = serde_json::from_slice(&std::fs::read(&candidate.translated)?)?;
        let outcomes = rules.check(&translated)?;
        rules_kept = outcomes.len();
        for Outcome { rule, findings: broken } in outcomes {
            let said = |Finding { resource, says }| format!("{}: {rule}: {resource}: {says}", candidate.name);
            findings.extend(broken.into_iter().map(said));
        }
    }

    if files.is_empty() {
        findings.extend(stack_roles(&lint, &candidates)?);
    }

    folder.remove()?;
    let names: Vec<_> = candidates.iter().map(|candidate| candidate.name.as_str()).collect();
    let took_secs = started.elapsed().as_secs_f64();
    if findings.is_empty() {
        println!(
            "{}: translated, linted, {rules_kept} rules kept, scanned in {took_secs:.1} s",
            names.join(", ")
        );
        return Ok(());
    }
    for finding in &findings {
        println!("{finding}");
    }
    bail!("{} findings in {} ({took_secs:.1} s)", findings.len(), names.join(", "))
}

/// Renders and translates the project's own stacks into `folder`, each for its service's release, and those of `given` in
/// place of their services' own; gives each one's translated file.
///
/// # Errors
/// When one can't be rendered, read or translated.
pub(crate) fn translate_own(
    releases: &[Release],
    folder: &Path,
    given: &[(String, PathBuf)],
) -> Result<Vec<(&'static str, PathBuf)>> {
    let mut candidates = Vec::new();
    for name in template::all()? {
        let mut rendered = match given.iter().find(|(service, _)| service == name) {
            Some((_, file)) => read_template(file)?,
            None => template::render(name)?,
        };
        if let Some(release) = releases.iter().find(|release| release.service == name) {
            template::pin_release(&mut rendered, &release.id);
        }
        candidates.push(candidate(name.to_owned(), &rendered, folder, name)?);
    }
    translate(&Tools::Lint.bring()?, &candidates)?;
    let translated = candidates.into_iter().map(|candidate| candidate.translated);
    Ok(template::all()?.zip(translated).collect())
}

fn own(folder: &Path) -> Result<Vec<Candidate>> {
    template::all()?
        .map(|stack| candidate(stack.to_owned(), &template::render(stack)?, folder, stack))
        .collect()
}

fn given(files: &[PathBuf], folder: &Path) -> Result<Vec<Candidate>> {
    files
        .iter()
        .enumerate()
        .map(|(number, file)| {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            let name = file.display().to_string();
            candidate(name, &read_template(file)?, folder, &format!("{number}-{stem}"))
        })
        .collect()
}

/// A rendered template, JSON or YAML.
fn read_template(file: &Path) -> Result<Value> {
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {name}"))?;
    let is_json = file.extension().is_some_and(|extension| extension == "json");
    let template: Value =
        if is_json { serde_json::from_str(&text).map_err(Into::into) } else { yaml::read(&text) }
            .with_context(|| format!("{name} is no template"))?;
    if template["Resources"].as_object().is_none_or(serde_json::Map::is_empty) {
        bail!("{name} is no template: it has no Resources");
    }
    Ok(template)
}

/// Writes a rendered template into `folder` as `stem`.json.
fn candidate(name: String, template: &Value, folder: &Path, stem: &str) -> Result<Candidate> {
    let place = |part: &str| -> Result<PathBuf> {
        let folder = folder.join(part);
        std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(folder.join(format!("{stem}.json")))
    };
    let candidate = Candidate { name, rendered: place("rendered")?, translated: place("translated")? };
    std::fs::write(&candidate.rendered, serde_json::to_string_pretty(template)?)?;
    Ok(candidate)
}

/// Holds the baseline's stack roles to the services' templates.
fn stack_roles(programs: &Path, candidates: &[Candidate]) -> Result<Vec<String>> {
    let translated: Vec<(&str, Value)> = candidates
        .iter()
        .map(|candidate| {
            Ok((candidate.name.as_str(), serde_json::from_slice(&std::fs::read(&candidate.translated)?)?))
        })
        .collect::<Result<_>>()?;
    let services = project::services()?.names();
    let of = |name: &str| translated.iter().find(|(of, _)| *of == name).map(|(_, template)| template);
    let baseline = of(template::BASELINE).context("the baseline was not translated")?;
    let stacks: Vec<_> = services.filter_map(|service| Some((service, of(service)?))).collect();
    let needs = stack_role::needs(programs, stacks.iter().map(|(_, template)| *template))?;
    let lacking = stacks.into_iter().flat_map(|(service, template)| {
        let lacks = stack_role::lacks(baseline, service, template, &needs);
        lacks.into_iter().map(move |lacks| format!("{service}: stack-role: {lacks}"))
    });
    Ok(lacking.collect())
}

/// Runs AWS's own SAM translator over them.
fn translate(programs: &Path, candidates: &[Candidate]) -> Result<()> {
    let mut command = Command::new(programs.join("python3"));
    command.arg("-B").arg(python::script("translate.py"));
    for candidate in candidates {
        command.arg(&candidate.rendered).arg(&candidate.translated);
    }
    let done = python::output(command)?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        let lines: Vec<_> = said.lines().filter(|line| !line.starts_with("Feature '")).collect();
        bail!("a template can't be translated: {}", lines.join("\n"));
    }
    Ok(())
}

/// Source and output: each shows faults that the other hides.
fn cfn_lint(programs: &Path, candidates: &[Candidate]) -> Result<Vec<String>> {
    let mut command = Command::new(programs.join("cfn-lint"));
    command.args(["--format", "parseable", "--regions"]).args(REGIONS).arg("--");
    for candidate in candidates {
        command.arg(&candidate.rendered).arg(&candidate.translated);
    }
    let done = python::output(command)?;
    let said = String::from_utf8_lossy(&done.stdout);
    let findings: Vec<_> = said
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| format!("cfn-lint: {}", named(line, candidates)))
        .collect();
    if findings.is_empty() && !done.status.success() {
        bail!("cfn-lint failed: {}", String::from_utf8_lossy(&done.stderr).trim());
    }
    Ok(findings)
}

/// checkov sees roles and policies in the output only.
fn scan(programs: &Path, candidates: &[Candidate]) -> Result<Vec<String>> {
    let mut command = Command::new(programs.join("checkov"));
    command.arg("--config-file").arg(python::script("checkov.yaml")).env("LOG_LEVEL", "ERROR");
    for candidate in candidates {
        command.arg("--file").arg(&candidate.translated);
    }
    let done = python::output(command)?;
    let report: Value = serde_json::from_slice(&done.stdout)
        .with_context(|| format!("checkov said no JSON: {}", String::from_utf8_lossy(&done.stderr).trim()))?;
    let mut findings = Vec::new();
    if let Some(errors) = report["results"]["parsing_errors"].as_array() {
        findings.extend(errors.iter().map(|file| format!("checkov can't read {file}")));
    }
    for failed in report["results"]["failed_checks"].as_array().into_iter().flatten() {
        let text = |name: &str| failed[name].as_str().unwrap_or_default();
        findings.push(format!(
            "checkov: {}: {}: {} {}",
            text("file_path"),
            text("resource"),
            text("check_id"),
            text("check_name")
        ));
    }
    // With nothing to scan it gives counts alone, which is no pass unless there was nothing.
    if report.get("results").is_none() && report.get("passed").is_none() {
        bail!("checkov's report has another shape than expected: {report}");
    }
    Ok(findings)
}

/// A linter's line with the template's name in place of its file's, and no longer than a person reads.
fn named(line: &str, candidates: &[Candidate]) -> String {
    const LONGEST: usize = 300;
    let mut line = line.to_owned();
    for candidate in candidates {
        for (path, what) in [(&candidate.rendered, "source"), (&candidate.translated, "translated")] {
            line = line.replace(&path.display().to_string(), &format!("{} ({what})", candidate.name));
        }
    }
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}

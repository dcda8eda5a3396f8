//! Steps of a longer piece of work: one line each when done; meanwhile a spinner on a terminal, and a line now and
//! then in a log.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use indicatif::{FormattedDuration, ProgressBar, ProgressStyle};
use xshell::Cmd;

/// How often a long step prints a line where there is no terminal.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// How many lines of a failed command's log are shown.
const SHOWN_LINES: usize = 60;

/// The work of a step. It returns the outcome to print.
type Work<'a> = Box<dyn FnOnce(&Progress) -> Result<String> + 'a>;

pub(crate) struct Step<'a> {
    name: String,
    work: Work<'a>,
}

impl<'a> Step<'a> {
    pub(crate) fn new(name: impl Into<String>, work: impl FnOnce(&Progress) -> Result<String> + 'a) -> Self {
        Self { name: name.into(), work: Box::new(work) }
    }

    /// A step that runs one command, with its output in `log`.
    pub(crate) fn command(name: impl Into<String>, command: Cmd<'a>, log: impl AsRef<Path> + 'a) -> Self {
        Self::new(name, move |progress| {
            progress.run(command, log.as_ref())?;
            Ok("done".to_owned())
        })
    }
}

/// Runs the steps in order, up to the first that fails.
pub(crate) fn run<'a>(steps: impl IntoIterator<Item = Step<'a>>) -> Result<()> {
    let steps: Vec<_> = steps.into_iter().collect();
    let count = steps.len();
    for (number, step) in (1..).zip(steps) {
        let progress = Progress::new(format!("[{number}/{count}] {}", step.name));
        let outcome = (step.work)(&progress);
        progress.bar.finish_and_clear();
        let outcome_text = outcome.as_deref().unwrap_or("failed");
        println!("{}: {outcome_text} ({})", progress.name, FormattedDuration(progress.bar.elapsed()));
        outcome?;
    }
    Ok(())
}

/// Shows that a step is under way.
pub(crate) struct Progress {
    name: String,
    bar: ProgressBar,
}

impl Progress {
    fn new(name: String) -> Self {
        let style = ProgressStyle::with_template("{spinner} {prefix}: {elapsed} {wide_msg:.dim}");
        let bar = ProgressBar::new_spinner()
            .with_style(style.expect("the template is well-formed"))
            .with_prefix(name.clone());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { name, bar }
    }

    /// Prints a line above the spinner.
    pub(crate) fn announce(&self, text: &str) {
        self.bar.suspend(|| println!("{}: {text}", self.name));
    }

    /// Runs `command` with its output in `log`, showing the last line of it.
    pub(crate) fn run(&self, command: Cmd<'_>, log: &Path) -> Result<()> {
        let name = command.to_string();
        fs::create_dir_all(log.parent().context("a log lies in a folder")?)?;
        let file = File::create(log).with_context(|| format!("writing {}", log.display()))?;
        let mut child = Command::from(command)
            // Cargo draws `Building [==> ] 123/410: serde` only on a terminal unless it is configured to.
            .env("CARGO_TERM_PROGRESS_WHEN", "always")
            .env("CARGO_TERM_PROGRESS_WIDTH", "80")
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("starting `{name}`"))?;
        let mut printed = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            std::thread::sleep(Duration::from_millis(100));
            let last_line = last_lines(log, 1)?.pop().unwrap_or_default().trim().to_owned();
            if self.bar.is_hidden() && printed.elapsed() >= HEARTBEAT {
                println!("{}: {} {last_line}", self.name, FormattedDuration(self.bar.elapsed()));
                printed = Instant::now();
            }
            self.bar.set_message(last_line);
        };
        if !status.success() {
            let lines = last_lines(log, SHOWN_LINES)?;
            self.bar.suspend(|| lines.iter().for_each(|line| eprintln!("    {line}")));
            bail!("`{name}` failed ({status}); its whole output is in {}", log.display());
        }
        Ok(())
    }
}

/// The last non-empty lines of a log, as a terminal would show them.
fn last_lines(log: &Path, count: usize) -> Result<Vec<String>> {
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(count as u64 * 400)))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    let end = String::from_utf8_lossy(&end);
    let end = console::strip_ansi_codes(&end);
    let lines: Vec<_> = end
        .lines()
        .filter_map(|line| line.split('\r').map(str::trim_end).rfind(|piece| !piece.is_empty()))
        .map(str::to_owned)
        .collect();
    Ok(lines[lines.len().saturating_sub(count)..].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use xshell::{Shell, cmd};

    #[test]
    fn a_step_that_fails_ends_the_row() {
        let steps = [
            Step::new("building", |_| bail!("no compiler")),
            Step::new("starting", |_| panic!("it runs after a failure")),
        ];
        assert_eq!(run(steps).unwrap_err().to_string(), "no compiler");
    }

    #[test]
    fn a_failed_command_is_named_with_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log/build.log");
        let shell = Shell::new().unwrap();
        let step = Step::command("building", cmd!(shell, "sh -c 'echo no such target; exit 3'"), &log);
        let error = run([step]).unwrap_err().to_string();
        assert!(error.contains("no such target") && error.contains("exit status: 3"), "{error}");
        assert_eq!(fs::read_to_string(&log).unwrap(), "no such target\n");
    }

    #[test]
    fn the_last_lines_of_a_log_are_without_what_was_overwritten() {
        let log = tempfile::NamedTempFile::new().unwrap();
        let text = "   Compiling serde\n\n\x1b[1m   Building\x1b[0m [>  ] 1/9\r   Building [=> ] 2/9: syn\r";
        fs::write(log.path(), text).unwrap();
        assert_eq!(last_lines(log.path(), 1).unwrap(), ["   Building [=> ] 2/9: syn"]);
        assert_eq!(last_lines(log.path(), 2).unwrap(), ["   Compiling serde", "   Building [=> ] 2/9: syn"]);
    }
}

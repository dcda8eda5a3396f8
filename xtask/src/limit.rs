//! Runs one test binary for cargo, and ends it when one of its tests exceeds the limit.
//!
//! libtest has no limit: it prints `test NAME has been running for over 60 seconds` and waits on. A doc test is a
//! test here as any other: rustdoc runs its binaries in the same way.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::output::lines;

/// After how long libtest names a running test.
const NOTICE: Duration = Duration::from_secs(60);

/// What the sentence about an ended test starts with.
pub(crate) const ENDED: &str = "ended: ";

/// The exit code of a binary that was ended, as of `timeout(1)`.
const EXCEEDED: u8 = 124;

/// Which test binary to run.
#[derive(Args)]
pub(crate) struct Options {
    /// How many seconds a test may take; libtest names no test before 60
    limit_secs: u64,
    /// The test binary and its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    binary: Vec<OsString>,
}

/// The arguments with which cargo runs every test binary by `runner`, a link to this program.
pub(crate) fn cargo_arguments(runner: &Path, limit: Duration) -> [String; 2] {
    let words = [runner.display().to_string(), "run-tests".to_owned(), limit.as_secs().to_string()];
    ["--config".to_owned(), format!("target.'cfg(all())'.runner={words:?}")]
}

/// Runs the binary and gives its exit code, or [`EXCEEDED`].
pub(crate) fn run_tests(options: &Options) -> Result<ExitCode> {
    let (program, arguments) = options.binary.split_first().context("a test binary is required")?;
    let mut command = Command::new(program);
    command.args(arguments);
    // rustdoc sets this where it starts the binary itself; without it doc tests share one process.
    command.env("RUSTDOC_DOCTEST_BIN_PATH", program);
    if available_parallelism()?.get() == 1 && std::env::var_os("RUST_TEST_THREADS").is_none() {
        command.env("RUST_TEST_THREADS", "2"); // with one thread libtest doesn't name a slow test
    }
    let child = start(command)?;
    let group = Pid::from_child(&child);
    ctrlc::set_handler(move || {
        kill_process_group(group, Signal::KILL).ok(); // it may just have ended by itself
        std::process::exit(130);
    })?;
    let limit = Duration::from_secs(options.limit_secs);
    wait(child, Watch::new(limit, program.display().to_string())).map(ExitCode::from)
}

/// Starts a test binary in a process group of its own: the servers that its tests start belong to it.
fn start(mut command: Command) -> Result<Child> {
    let name = command.get_program().display().to_string();
    command.stdout(Stdio::piped()).process_group(0).spawn().with_context(|| format!("starting {name}"))
}

/// Shows the output of `child` until it ends or is ended, with its whole group.
fn wait(mut child: Child, mut watch: Watch) -> Result<u8> {
    let lines = lines(child.stdout.take().context("its standard output is piped")?);
    loop {
        match lines.recv_timeout(Duration::from_secs(1)) {
            Ok(line) => {
                println!("{line}");
                watch.read(&line, Instant::now());
            }
            // A server that a test left behind may hold the pipe open.
            Err(RecvTimeoutError::Timeout) if child.try_wait()?.is_some() => break,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if let Some(sentence) = watch.exceeded(Instant::now()) {
            kill_process_group(Pid::from_child(&child), Signal::KILL)?;
            child.wait()?;
            println!("{ENDED}{sentence}");
            println!("test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out");
            return Ok(EXCEEDED);
        }
    }
    let code = child.wait()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.unwrap_or(1)) // none: a signal ended it
}

/// Slow tests in libtest's output.
struct Watch {
    limit: Duration,
    binary: String,
    /// Tests that libtest has named as slow, and when it did.
    slow: BTreeMap<String, Instant>,
    /// When the last line came.
    last_line: Instant,
}

impl Watch {
    fn new(limit: Duration, binary: String) -> Self {
        Self { limit, binary, slow: BTreeMap::new(), last_line: Instant::now() }
    }

    fn read(&mut self, line: &str, now: Instant) {
        self.last_line = now;
        let Some(line) = line.strip_prefix("test ") else { return };
        if let Some((name, _)) = line.split_once(" has been running for over ") {
            self.slow.insert(name.to_owned(), now);
        } else if let Some((name, _)) = line.split_once(" ... ") {
            // `NAME - should panic ... ok` is how a test that has to panic ends.
            self.slow.retain(|slow, _| name != slow && name.strip_suffix(" - should panic") != Some(slow));
        }
    }

    /// The sentence about the test that exceeded the limit, or about a binary that prints nothing for as long.
    fn exceeded(&self, now: Instant) -> Option<String> {
        let limit = self.limit.as_secs();
        let after_notice = self.limit.saturating_sub(NOTICE);
        let test = self.slow.iter().find(|(_, since)| now.duration_since(**since) >= after_notice);
        match test {
            Some((name, _)) => Some(format!("the test {name} ran longer than {limit} s")),
            None if self.slow.is_empty()
                && now.duration_since(self.last_line) >= self.limit.max(NOTICE) * 2 =>
            {
                Some(format!("{} printed nothing for {} s", self.binary, limit * 2))
            }
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_test_that_hangs_is_ended_with_the_server_that_it_started() {
        let mut command = Command::new("sh");
        let server = "(sleep 60; echo survived >&2) &";
        let notice = "echo 'test races::sell has been running for over 60 seconds'; wait";
        command.args(["-c", &format!("{server} {notice}")]).stderr(Stdio::piped());
        let mut child = start(command).unwrap();
        let mut errors = child.stderr.take().unwrap();
        assert_eq!(wait(child, Watch::new(NOTICE, "sh".to_owned())).unwrap(), EXCEEDED);
        let mut text = String::new();
        errors.read_to_string(&mut text).unwrap(); // to its end: nobody holds it any more
        assert_eq!(text, "");
    }

    #[test]
    fn a_binary_that_ends_keeps_its_exit_code() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo 'test a ... FAILED'; exit 101"]);
        let child = start(command).unwrap();
        assert_eq!(wait(child, Watch::new(NOTICE, "sh".to_owned())).unwrap(), 101);
    }

    #[test]
    fn a_test_is_slow_from_libtests_notice_to_its_result() {
        let start = Instant::now();
        let after = |secs| start + Duration::from_secs(secs);
        let mut watch = Watch::new(Duration::from_secs(300), "booking".to_owned());
        for (secs, line) in [
            (0, "running 3 tests"),
            (60, "test races::sell has been running for over 60 seconds"),
            (60, "test a::refused has been running for over 60 seconds"),
            (61, "test a::refused - should panic ... ok"),
            (62, "test other ... ok"),
        ] {
            watch.read(line, after(secs));
            assert_eq!(watch.exceeded(after(secs)), None, "{line}");
        }
        assert_eq!(watch.exceeded(after(299)), None);
        assert_eq!(watch.exceeded(after(300)).unwrap(), "the test races::sell ran longer than 300 s");
        watch.read("test races::sell ... FAILED", after(300));
        assert_eq!(watch.exceeded(after(899)), None);
        assert_eq!(watch.exceeded(after(900)).unwrap(), "booking printed nothing for 600 s");
    }
}

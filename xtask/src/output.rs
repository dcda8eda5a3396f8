//! Running a command with its output shown as it comes.

use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use indicatif::FormattedDuration;
use xshell::Cmd;

/// After how long without output a line is printed where there is no terminal.
const HEARTBEAT: Duration = Duration::from_secs(25);

/// How a command ended.
pub(crate) struct Shown {
    pub(crate) status: ExitStatus,
    /// The trimmed lines of its standard output that were to be kept, in order.
    pub(crate) kept: Vec<String>,
}

impl Shown {
    /// Fails with `summary` and the exit status when the command failed.
    pub(crate) fn check(&self, summary: &str) -> Result<()> {
        if !self.status.success() {
            bail!("{summary} ({})", self.status);
        }
        Ok(())
    }
}

/// Runs `command`, shows its output, and keeps the lines of its standard output that `keep` accepts. A failure of the command
/// is in its status.
pub(crate) fn show(command: Cmd<'_>, keep: impl Fn(&str) -> bool) -> Result<Shown> {
    let name = command.to_string();
    println!("$ {name}");
    let mut child = Command::from(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting `{name}`"))?;
    let lines = lines(child.stdout.take().context("its standard output is piped")?);
    let (begun, terminal) = (Instant::now(), std::io::stderr().is_terminal());
    let mut kept = Vec::new();
    loop {
        match lines.recv_timeout(HEARTBEAT) {
            Ok(line) => {
                println!("{line}");
                if keep(&line) {
                    kept.push(line.trim().to_owned());
                }
            }
            Err(RecvTimeoutError::Timeout) if terminal => {} // the command's own progress bar is there
            Err(RecvTimeoutError::Timeout) => println!("running for {}", FormattedDuration(begun.elapsed())),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    Ok(Shown { status: child.wait()?, kept })
}

/// The lines of `pipe`, read by a thread of its own.
pub(crate) fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                break;
            }
        }
    });
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use xshell::{Shell, cmd};

    #[test]
    fn the_wanted_lines_and_the_status_are_kept() {
        let shell = Shell::new().unwrap();
        let script = "echo one; echo 'test result: ok. 2 passed'; exit 3";
        let shown = show(cmd!(shell, "sh -c {script}"), |line| line.starts_with("test result:")).unwrap();
        assert_eq!(shown.kept, ["test result: ok. 2 passed"]);
        assert_eq!(shown.check("2 tests").unwrap_err().to_string(), "2 tests (exit status: 3)");
    }
}

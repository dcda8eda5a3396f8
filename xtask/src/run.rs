//! Running a command: quietly with its output kept for the day it fails, or aloud with its closing lines kept.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::steps::Ticker;

/// How many lines of a failed command's output are shown; the whole lies in its log.
const SHOWN_LINES: usize = 60;

/// Runs `command` with its output in `log`, ticking as it goes.
///
/// # Errors
/// When it can't be started or doesn't succeed: with the end of what it said.
pub(crate) fn quietly(mut command: Command, log: &Path, ticker: &mut Ticker) -> Result<()> {
    let name = name_of(&command);
    if let Some(folder) = log.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = File::create(log).with_context(|| format!("writing {}", log.display()))?;
    // Cargo draws its progress bar only for a terminal unless asked; we read `123/410` from it.
    command.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "80");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting `{name}`"))?;

    let (pieces, said) = channel();
    let readers = [
        child.stdout.take().map(|pipe| read_pieces(pipe, pieces.clone())),
        child.stderr.take().map(|pipe| read_pieces(pipe, pieces.clone())),
    ];
    drop(pieces);

    let mut last = VecDeque::with_capacity(SHOWN_LINES);
    let mut far = None;
    loop {
        match said.recv_timeout(Duration::from_secs(1)) {
            Ok(piece) => {
                if let Some(progress) = cargo_progress(&piece) {
                    far = Some(progress);
                    continue;
                }
                writeln!(file, "{piece}")?;
                if last.len() == SHOWN_LINES {
                    last.pop_front();
                }
                last.push_back(piece);
            }
            Err(RecvTimeoutError::Timeout) => ticker.tick(far.as_deref()),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    for reader in readers.into_iter().flatten() {
        reader.join().ok(); // a reader only ever ends with its pipe
    }
    let status = child.wait()?;
    if !status.success() {
        eprintln!();
        for line in last {
            eprintln!("    {line}");
        }
        bail!("`{name}` failed ({status}); all it said is in {}", log.display());
    }
    Ok(())
}

/// How a command that ran aloud ended.
pub(crate) struct Heard {
    pub(crate) status: ExitStatus,
    /// The lines that `keep` chose, in order.
    pub(crate) kept: Vec<String>,
}

/// Runs `command` with its output shown as it comes, and keeps the lines of its standard output that `keep` wants.
///
/// # Errors
/// When it can't be started; a command that ends badly is not an error here.
pub(crate) fn aloud(mut command: Command, keep: impl Fn(&str) -> bool) -> Result<Heard> {
    let name = name_of(&command);
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("starting `{name}`"))?;
    let mut kept = Vec::new();
    if let Some(pipe) = child.stdout.take() {
        for line in BufReader::new(pipe).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            if keep(&line) {
                kept.push(line.trim().to_owned());
            }
        }
    }
    Ok(Heard { status: child.wait()?, kept })
}

/// What `command` prints on its standard output.
///
/// # Errors
/// When it can't be started, or ends badly: with what it said on its error output.
pub(crate) fn output(mut command: Command) -> Result<String> {
    let name = name_of(&command);
    let output = command.output().with_context(|| format!("starting `{name}`"))?;
    if !output.status.success() {
        bail!("`{name}` failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn name_of(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut words = vec![program.file_name().unwrap_or(program.as_os_str()).to_string_lossy()];
    words.extend(command.get_args().take(3).map(|word| word.to_string_lossy()));
    words.join(" ")
}

/// Sends what a pipe says piece by piece; a piece ends with a newline or, for progress bars, a carriage return.
fn read_pieces(pipe: impl Read + Send + 'static, to: Sender<String>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut piece = Vec::new();
        for byte in BufReader::new(pipe).bytes() {
            match byte {
                Ok(b'\n' | b'\r') => {
                    let text = String::from_utf8_lossy(&piece).trim_end().to_owned();
                    piece.clear();
                    if !text.is_empty() && to.send(text).is_err() {
                        return;
                    }
                }
                Ok(byte) => piece.push(byte),
                Err(_) => break,
            }
        }
        let text = String::from_utf8_lossy(&piece).trim_end().to_owned();
        if !text.is_empty() {
            to.send(text).ok(); // nobody listens any more: nothing to say
        }
    })
}

/// `123/410` of cargo's progress bar (`Building [=====>    ] 123/410: serde, ...`).
fn cargo_progress(piece: &str) -> Option<String> {
    let (bar, rest) = piece.split_once("] ")?;
    if !bar.contains('[') {
        return None;
    }
    let far = rest.split([':', ' ']).next()?;
    let (done, of) = far.split_once('/')?;
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (number(done) && number(of)).then(|| format!("{done} of {of} crates"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_progress_bar_says_how_far_it_is() {
        for (piece, far) in [
            ("    Building [=====>                 ] 123/410: serde, syn", Some("123 of 410 crates")),
            ("    Building [                       ] 0/3", Some("0 of 3 crates")),
            ("   Compiling serde v1.0.228", None),
            ("warning: unused [import] in src/lib.rs", None),
            ("note: see [the book] and/or ask", None),
        ] {
            assert_eq!(cargo_progress(piece).as_deref(), far, "{piece}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_command_aloud_keeps_the_lines_that_were_asked_for() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo 'test result: ok. 2 passed'; exit 3"]);
        let heard = aloud(command, |line| line.starts_with("test result:")).unwrap();
        assert_eq!(heard.kept, ["test result: ok. 2 passed"]);
        assert_eq!(heard.status.code(), Some(3));
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_fails_says_what_it_said() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo 'no such target' >&2; exit 1"]);
        let said = output(command).unwrap_err().to_string();
        assert!(said.ends_with("no such target"), "{said}");
    }
}

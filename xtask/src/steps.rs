//! One line a step, with its number and what it took.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use anyhow::Result;

/// How often a long step says how far it is where lines can't be overwritten (a log).
const HEARTBEAT: Duration = Duration::from_secs(15);

/// A row of steps whose count is known beforehand.
pub(crate) struct Steps {
    of: usize,
    done: usize,
    started: Instant,
}

impl Steps {
    pub(crate) fn new(of: usize) -> Self {
        Self { of, done: 0, started: Instant::now() }
    }

    /// How long the row has taken so far.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Does one step. `work` says what it found or did; the line stands when it is done.
    ///
    /// # Errors
    /// What `work` failed with; the line of the step says that it failed.
    pub(crate) fn step(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Ticker) -> Result<String>,
    ) -> Result<()> {
        self.done += 1;
        let head = format!("[{}/{}] {name}", self.done, self.of);
        let mut ticker = Ticker::new(head.clone());
        let outcome = work(&mut ticker);
        ticker.wipe();
        let took = seconds(ticker.started.elapsed());
        match outcome {
            Ok(said) => println!("{head}: {said} ({took})"),
            Err(error) => {
                println!("{head}: failed ({took})");
                return Err(error);
            }
        }
        Ok(())
    }
}

/// Shows that a step is alive: one line overwritten each second on a terminal, a line now and then in a log.
pub(crate) struct Ticker {
    head: String,
    started: Instant,
    spoken: Instant,
    terminal: bool,
}

impl Ticker {
    fn new(head: String) -> Self {
        let now = Instant::now();
        Self { head, started: now, spoken: now, terminal: std::io::stdout().is_terminal() }
    }

    /// Says once, before a long piece of work, what is about to happen.
    pub(crate) fn announce(&mut self, what: &str) {
        self.wipe();
        println!("{}: {what}", self.head);
        self.spoken = Instant::now();
    }

    /// Called about once a second with what is known of the way so far ("123/410"), if anything.
    pub(crate) fn tick(&mut self, far: Option<&str>) {
        let took = seconds(self.started.elapsed());
        let far = far.map(|far| format!(", {far}")).unwrap_or_default();
        if self.terminal {
            print!("\r\x1b[2K{}: {took}{far}", self.head);
            flush();
        } else if self.spoken.elapsed() >= HEARTBEAT {
            println!("{}: {took}{far}", self.head);
            self.spoken = Instant::now();
        }
    }

    fn wipe(&self) {
        if self.terminal {
            print!("\r\x1b[2K");
            flush();
        }
    }
}

/// A progress line that cannot be shown is no reason to stop building.
fn flush() {
    std::io::stdout().flush().ok();
}

/// A duration as a person reads it: `0.4 s`, `12.3 s`, `3 min 20 s`.
pub(crate) fn seconds(took: Duration) -> String {
    let whole = took.as_secs();
    if whole < 60 {
        format!("{:.1} s", took.as_secs_f64())
    } else {
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        for (millis, said) in
            [(40, "0.0 s"), (12_340, "12.3 s"), (60_000, "1 min 00 s"), (200_900, "3 min 20 s")]
        {
            assert_eq!(seconds(Duration::from_millis(millis)), said);
        }
    }

    #[test]
    fn a_step_that_fails_fails_the_row() {
        let mut steps = Steps::new(1);
        let failed = steps.step("building", |_| anyhow::bail!("no compiler"));
        assert_eq!(failed.unwrap_err().to_string(), "no compiler");
    }
}

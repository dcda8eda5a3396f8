//! `local`: Tern whole on a laptop. See the library for what it is made of.

mod logging;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use local::{Arguments, Local};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    logging::start();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&format!("The threads to serve with can't be started: {error}.")),
    };
    match runtime.block_on(serve(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => refuse(&sentence),
    }
}

/// Serves until a signal; an error is one sentence for the user.
async fn serve(arguments: Arguments) -> Result<(), String> {
    // Before anything is open: a signal during the start must not cut it in half.
    let signals = signal(SignalKind::terminate()).and_then(|terminate| {
        let interrupt = signal(SignalKind::interrupt())?;
        Ok((terminate, interrupt))
    });
    let (mut terminate, mut interrupt) =
        signals.map_err(|error| format!("Signals can't be listened for: {error}."))?;

    let running = Local::start(arguments).await.map_err(|error| error.to_string())?;
    announce(&format!("listening on http://{}", running.address()));
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: requests under way are finished first");
    running.stop().await;
    Ok(())
}

/// The one line that others wait for. Nobody reading it is no reason to stop serving.
fn announce(line: &str) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = writeln!(out, "{line}").and_then(|()| out.flush()) {
        tracing::warn!(%error, "standard output is closed");
    }
}

fn refuse(sentence: &str) -> ExitCode {
    eprintln!("{sentence}");
    ExitCode::FAILURE
}

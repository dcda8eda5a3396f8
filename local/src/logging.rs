use std::io::IsTerminal;

use service_kit::telemetry;

/// Starts logging to standard error; standard output has only the one line that other programs wait for.
///
/// The embedded stores warn of every condition that fails, which is how a taken seat is detected: their warnings are off.
pub(crate) fn start() {
    telemetry::init_text("warn,local=info,dynoxide=error", std::io::stderr().is_terminal());
}

use std::sync::Once;

/// Installs a subscriber that drops everything as the process's default, once. A service's harness calls it first.
///
/// Without it, a log line that is first reached on a thread without a subscriber can stay disabled in the whole process,
/// and tests on other threads that listen for it miss it.
pub fn enable_callsites() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Refused only if the test has a default of its own, which serves as well.
        tracing::subscriber::set_global_default(tracing_subscriber::registry()).ok();
    });
}

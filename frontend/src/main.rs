//! Starts Tern's web app in the browser: everything is in the library beside it.

fn main() {
    frontend::start();
}

//! Starts Tern's web app in the browser.

fn main() {
    frontend::start();
}

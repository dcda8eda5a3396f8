//! What needs the emulator, which the first run installs: `cargo xtask test emulate` runs it.
//!
//! | module | what it tries |
//! |---|---|
//! | [`deliver`] | a release, handed on by the pipeline's roles |
//! | [`mishaps`] | deployments that fail |

#![allow(clippy::unwrap_used)] // all of this is tests; clippy.toml only knows functions marked so

mod deliver;
mod emulator;
mod mishaps;

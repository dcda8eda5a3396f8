//! A clock that ticks.

use api_types::UtcInstant;
use gloo_timers::callback::Interval;
use yew::prelude::*;

/// The present instant, updated every `every_ms` milliseconds.
#[hook]
pub fn use_now(every_ms: u32) -> UtcInstant {
    let now = use_state(crate::format::now);
    {
        let now = now.clone();
        use_effect_with(every_ms, move |&every_ms| {
            let ticking = Interval::new(every_ms, move || now.set(crate::format::now()));
            move || drop(ticking)
        });
    }
    *now
}

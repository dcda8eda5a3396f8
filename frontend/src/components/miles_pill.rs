//! The status of miles.

use api_types::MilesStatus;
use yew::prelude::*;

/// The status of miles as a pill.
pub fn miles_pill(status: MilesStatus) -> Html {
    let (class, says) = match status {
        MilesStatus::Pending => ("pill pill--pending", "Pending"),
        MilesStatus::Posted => ("pill pill--posted", "Posted"),
        MilesStatus::Reversed => ("pill", "Reversed"),
    };
    html! { <span {class}>{ says }</span> }
}

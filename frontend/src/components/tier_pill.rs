//! A member's tier.

use api_types::Tier;
use yew::prelude::*;

/// The tier's name in the tier's colours.
pub fn tier_pill(tier: Tier) -> Html {
    let class = match tier {
        Tier::Coast => "tier tier--coast",
        Tier::Ridge => "tier tier--ridge",
        Tier::Stratus => "tier tier--stratus",
        Tier::Zenith => "tier tier--zenith",
    };
    html! { <span {class}>{ tier_name(tier) }</span> }
}

/// The tier's name.
#[must_use]
pub fn tier_name(tier: Tier) -> &'static str {
    match tier {
        Tier::Coast => "Coast",
        Tier::Ridge => "Ridge",
        Tier::Stratus => "Stratus",
        Tier::Zenith => "Zenith",
    }
}

//! Fare conditions in words.

use api_types::{ChangeTerms, FareConditions, RefundTerms};
use yew::prelude::*;

use crate::format;

/// Bags, changes and refund, as one list.
pub fn conditions(conditions: &FareConditions) -> Html {
    html! {
        <ul class="conditions">
            <li>{ bags(conditions.checked_bags) }</li>
            <li>{ change(&conditions.change) }</li>
            <li>{ refund(&conditions.refund) }</li>
        </ul>
    }
}

fn bags(count: u8) -> String {
    match count {
        0 => "No checked bag".to_owned(),
        _ => format!("{} for each seat", format::counted(u64::from(count), "checked bag")),
    }
}

fn change(terms: &ChangeTerms) -> String {
    match terms {
        ChangeTerms::NotAllowed => "No changes".to_owned(),
        ChangeTerms::Fee { fee } => format!("Changes for {} per passenger", format::money(fee)),
        ChangeTerms::Free => "Free changes".to_owned(),
    }
}

fn refund(terms: &RefundTerms) -> String {
    match terms {
        RefundTerms::TaxesOnly => "Only taxes are refunded".to_owned(),
        RefundTerms::Fee { fee } => format!("Refund less {} per passenger", format::money(fee)),
        RefundTerms::Full => "Full refund".to_owned(),
    }
}

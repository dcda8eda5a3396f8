//! The booking that is being put together: kept in session storage, so that a reload, a detour to sign in or
//! a lost connection costs nobody their typing.
//!
//! Its idempotency key is what makes "Book" safe to press again. The key is made with the draft and stays
//! while an answer is missing: the service then answers a repeat with the booking of the first try. Only when
//! a try was refused for certain, and the draft changed since, does it get another key, because the service
//! would answer the old one with the old refusal.

use std::fmt::Write;

use api_types::{FieldError, IdempotencyKey, Offer, OfferId, PassengerType};
use serde::{Deserialize, Serialize};

/// The choice of flights, who flies, and how far sending it came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The results page that the offers were chosen on: path and query.
    pub results_href: String,
    /// One offer, or two for a return trip: the way out first.
    offers: Vec<Offer>,
    /// As many of each type as the offers were made for.
    travellers: Vec<Traveller>,
    /// Where the confirmation goes, as typed.
    email: String,
    idempotency_key: IdempotencyKey,
    sent: Sent,
}

/// One traveller as typed so far: nothing here has been checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traveller {
    /// Fixed by the party that was searched for.
    pub passenger_type: PassengerType,
    /// Empty for people with one name.
    pub given_name: String,
    /// The family name, or the only one.
    pub family_name: String,
    /// The day of the birth date.
    pub birth_day: String,
    /// The month of the birth date, as a number.
    pub birth_month: String,
    /// The year of the birth date.
    pub birth_year: String,
}

/// What became of sending the draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Sent {
    /// It never left.
    Never,
    /// It left, and no answer came: it may have been booked.
    Unanswered,
    /// It was refused for certain.
    Refused {
        /// The fields that the service found fault with, if it named any.
        errors: Vec<FieldError>,
    },
}

impl Traveller {
    fn new(passenger_type: PassengerType) -> Self {
        Self {
            passenger_type,
            given_name: String::new(),
            family_name: String::new(),
            birth_day: String::new(),
            birth_month: String::new(),
            birth_year: String::new(),
        }
    }
}

impl Draft {
    /// A draft for `offers` (at least one), all made for the same party, chosen on the page `results_href`.
    #[must_use]
    pub fn new(results_href: String, offers: Vec<Offer>, idempotency_key: IdempotencyKey) -> Self {
        let travellers = offers.first().map(party).unwrap_or_default();
        Self { results_href, offers, travellers, email: String::new(), idempotency_key, sent: Sent::Never }
    }

    /// The chosen offers.
    #[must_use]
    pub fn offers(&self) -> &[Offer] {
        &self.offers
    }

    /// Whether it is for exactly the offers of these ids.
    #[must_use]
    pub fn is_for(&self, offer_ids: &[OfferId]) -> bool {
        self.offers.iter().map(|offer| &offer.offer_id).eq(offer_ids)
    }

    /// The party, as typed so far.
    #[must_use]
    pub fn travellers(&self) -> &[Traveller] {
        &self.travellers
    }

    /// The e-mail address as typed so far.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    /// What to send as `Idempotency-Key`.
    #[must_use]
    pub fn idempotency_key(&self) -> &IdempotencyKey {
        &self.idempotency_key
    }

    /// What became of sending it.
    #[must_use]
    pub fn sent(&self) -> &Sent {
        &self.sent
    }

    /// Takes over what was typed. `fresh_key` is used only if a new key is due.
    pub fn enter(&mut self, travellers: Vec<Traveller>, email: String, fresh_key: IdempotencyKey) {
        if self.travellers != travellers || self.email != email {
            self.travellers = travellers;
            self.email = email;
            self.renew_key_after_refusal(fresh_key);
        }
    }

    /// Takes `offers` instead of those chosen, for the same party. `fresh_key` is used only if a new key is due.
    pub fn choose_again(&mut self, offers: Vec<Offer>, fresh_key: IdempotencyKey) {
        if self.offers != offers {
            self.offers = offers;
            self.renew_key_after_refusal(fresh_key);
        }
    }

    /// Notes that it is being sent: until an answer comes, it may have been booked.
    pub fn sending(&mut self) {
        self.sent = Sent::Unanswered;
    }

    /// Notes that it was refused for certain, and for which fields.
    pub fn refused(&mut self, errors: Vec<FieldError>) {
        self.sent = Sent::Refused { errors };
    }

    /// Gives up the try that went before, of which the customer knows what became, and starts another.
    pub fn start_over(&mut self, fresh_key: IdempotencyKey) {
        self.idempotency_key = fresh_key;
        self.sent = Sent::Never;
    }

    fn renew_key_after_refusal(&mut self, fresh_key: IdempotencyKey) {
        match self.sent {
            Sent::Refused { .. } => self.start_over(fresh_key),
            // Without an answer the old key must stay: under a new one a repeat could book twice.
            Sent::Never | Sent::Unanswered => {}
        }
    }
}

/// One empty form for each seat and lap that `offer` was priced for, adults first.
fn party(offer: &Offer) -> Vec<Traveller> {
    let mut party = Vec::new();
    for passenger_type in PassengerType::ALL {
        for share in offer.price.shares.iter().filter(|share| share.passenger_type == passenger_type) {
            party.extend((0..share.count).map(|_| Traveller::new(passenger_type)));
        }
    }
    party
}

const STORAGE_KEY: &str = "tern.draft";

/// Starts a draft with the offers chosen on the page `results_href`, and keeps it. What was typed for the draft
/// before it is taken over where the party is the same.
pub fn begin(results_href: String, offers: Vec<Offer>) {
    let mut draft = Draft::new(results_href, offers, random_key());
    if let Some(before) = load() {
        let types =
            |draft: &Draft| draft.travellers.iter().map(|each| each.passenger_type).collect::<Vec<_>>();
        if types(&before) == types(&draft) {
            draft.travellers = before.travellers;
        }
        draft.email = before.email;
    }
    save(&draft);
}

/// The draft of this tab, if there is one.
#[must_use]
pub fn load() -> Option<Draft> {
    let text = storage()?.get_item(STORAGE_KEY).ok()??;
    serde_json::from_str(&text).ok()
}

/// Keeps the draft for this tab. Where the browser refuses to store, the draft ends with the page.
pub fn save(draft: &Draft) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(draft)) {
        storage.set_item(STORAGE_KEY, &text).ok();
    }
}

/// Forgets the draft: it has become a booking.
pub fn clear() {
    if let Some(storage) = storage() {
        storage.remove_item(STORAGE_KEY).ok();
    }
}

/// A new idempotency key: 128 random bits.
///
/// # Panics
/// Never: 32 hexadecimal digits are a key.
#[must_use]
pub fn random_key() -> IdempotencyKey {
    let mut bytes = [0_u8; 16];
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    if crypto.is_none_or(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).is_err()) {
        // No browser of these years; still, two drafts must not share a key.
        bytes[..8].copy_from_slice(&js_sys::Math::random().to_bits().to_le_bytes());
        bytes[8..].copy_from_slice(&js_sys::Date::now().to_bits().to_le_bytes());
    }
    let mut key = String::with_capacity(32);
    for byte in bytes {
        write!(key, "{byte:02x}").ok();
    }
    key.parse().expect("32 hexadecimal digits are an idempotency key")
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok()?
}

#[cfg(test)]
mod tests {
    use api_types::ProblemCode;

    use super::*;
    use crate::testing::offer;

    fn key(text: &str) -> IdempotencyKey {
        text.parse().unwrap()
    }

    fn draft() -> Draft {
        Draft::new("/flights/SFO-NRT/2026-12-05".to_owned(), vec![offer()], key("first"))
    }

    fn typed(draft: &Draft, family_name: &str) -> Vec<Traveller> {
        let mut travellers = draft.travellers().to_vec();
        travellers[0].family_name = family_name.to_owned();
        travellers
    }

    #[test]
    fn the_party_is_that_of_the_offer() {
        let types: Vec<_> = draft().travellers().iter().map(|each| each.passenger_type).collect();
        assert_eq!(types, [PassengerType::Adult, PassengerType::Adult, PassengerType::Child]);
    }

    #[test]
    fn a_try_without_an_answer_keeps_its_key_whatever_changes() {
        let mut draft = draft();
        draft.sending();
        draft.enter(typed(&draft, "Mori"), "kenji@example.com".to_owned(), key("second"));
        assert_eq!((draft.idempotency_key().as_str(), draft.sent()), ("first", &Sent::Unanswered));
    }

    #[test]
    fn a_refused_draft_gets_another_key_once_it_changes() {
        let mut draft = draft();
        draft.enter(typed(&draft, "Mori"), String::new(), key("unused"));
        draft.sending();
        let errors =
            vec![FieldError::new("passengers[0].birth_date", ProblemCode::BirthDateMismatch, "adult")];
        draft.refused(errors.clone());

        let same = draft.travellers().to_vec();
        draft.enter(same, String::new(), key("second"));
        assert_eq!((draft.idempotency_key().as_str(), draft.sent()), ("first", &Sent::Refused { errors }));

        draft.enter(typed(&draft, "Okafor"), String::new(), key("second"));
        assert_eq!((draft.idempotency_key().as_str(), draft.sent()), ("second", &Sent::Never));
    }

    #[test]
    fn another_price_after_a_refusal_is_another_try() {
        let mut draft = draft();
        draft.refused(Vec::new());
        let mut dearer = offer();
        dearer.price.amount_minor += 1_900;
        draft.choose_again(vec![dearer.clone()], key("second"));
        assert_eq!((draft.idempotency_key().as_str(), draft.offers()), ("second", &[dearer][..]));
    }

    #[test]
    fn a_draft_comes_back_from_storage_as_it_was() {
        let mut draft = draft();
        draft.enter(typed(&draft, "بن علي"), "a@example.com".to_owned(), key("unused"));
        draft.refused(vec![FieldError::new("contact.email", ProblemCode::InvalidRequest, "no")]);
        let text = serde_json::to_string(&draft).unwrap();
        assert_eq!(serde_json::from_str::<Draft>(&text).unwrap(), draft);
    }
}

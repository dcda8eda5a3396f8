//! The booking in preparation, in session storage, so that input survives a reload, a detour to sign in or
//! a lost connection.
//!
//! Its idempotency key makes it safe to press "Book" again. The key is created with the draft and stays
//! while a reply is missing: the service then answers a repeat with the booking of the first attempt. It gets another
//! key when an attempt was refused and the draft has changed since, because the service would answer the old key with
//! the old refusal; and when other flights were chosen, because that is another booking.

use std::fmt::Write;

use api_types::{FieldError, IdempotencyKey, Offer, OfferId, PassengerType};
use serde::{Deserialize, Serialize};

use super::storage::Kept;

/// For which offers, who flies, and how far sending it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    offer_ids: Vec<OfferId>,
    itinerary_ids: Vec<String>, // of the offers: the same flights have other offers once a price has ended
    travellers: Vec<Traveller>, // as many of each type as the offers were made for
    email: String,
    idempotency_key: IdempotencyKey,
    sent: Sent,
    others_unanswered: bool, // whether a booking of other flights was sent before this one, without an answer
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
    /// The draft for `offers` (one, or two for a return trip, made for the same party), going on from the draft
    /// `before`: input is kept if the party is the same. `fresh_key` is used if a new key is needed.
    #[must_use]
    pub fn going_on(before: Option<Self>, offers: &[Offer], fresh_key: IdempotencyKey) -> Self {
        let offer_ids: Vec<OfferId> = offers.iter().map(|offer| offer.offer_id.clone()).collect();
        let itinerary_ids: Vec<String> = offers.iter().map(|offer| offer.itinerary_id.clone()).collect();
        let travellers = offers.first().map(party).unwrap_or_default();
        let Some(mut draft) = before else {
            return Self {
                offer_ids,
                itinerary_ids,
                travellers,
                email: String::new(),
                idempotency_key: fresh_key,
                sent: Sent::Never,
                others_unanswered: false,
            };
        };
        if draft.offer_ids != offer_ids {
            draft.offer_ids = offer_ids;
            let same_party = draft.travellers.len() == travellers.len()
                && draft
                    .travellers
                    .iter()
                    .zip(&travellers)
                    .all(|(a, b)| a.passenger_type == b.passenger_type);
            if !same_party {
                draft.travellers = travellers;
            }
            if draft.itinerary_ids == itinerary_ids {
                draft.renew_key_after_refusal(fresh_key);
            } else {
                draft.itinerary_ids = itinerary_ids;
                draft.others_unanswered |= draft.sent == Sent::Unanswered;
                draft.start_over(fresh_key);
            }
        }
        draft
    }

    /// What to send as `offer_ids`.
    #[must_use]
    pub fn offer_ids(&self) -> &[OfferId] {
        &self.offer_ids
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

    /// Whether a booking of other flights was sent before, and no answer came: it may have been made.
    #[must_use]
    pub fn others_unanswered(&self) -> bool {
        self.others_unanswered
    }

    /// Takes over what was typed. `fresh_key` is used only if a new key is due.
    pub fn enter(&mut self, travellers: Vec<Traveller>, email: String, fresh_key: IdempotencyKey) {
        if self.travellers != travellers || self.email != email {
            self.travellers = travellers;
            self.email = email;
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
            // Without a reply the old key must stay: under a new one a retry could book twice.
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

const KEY: &str = "tern.draft";

/// This tab's draft for `offers`, going on from the one before it, if any; kept from now on.
#[must_use]
pub fn of(offers: &[Offer]) -> Draft {
    let draft = Draft::going_on(Kept::Tab.read(KEY), offers, random_key());
    keep(&draft);
    draft
}

/// Keeps the draft for this tab.
pub fn keep(draft: &Draft) {
    Kept::Tab.write(KEY, draft);
}

/// Forgets the draft: it has become a booking, or its member signed out.
pub fn forget() {
    Kept::Tab.remove(KEY);
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
        // Every supported browser has it; still, two drafts must not share a key.
        bytes[..8].copy_from_slice(&js_sys::Math::random().to_bits().to_le_bytes());
        bytes[8..].copy_from_slice(&js_sys::Date::now().to_bits().to_le_bytes());
    }
    let mut key = String::with_capacity(32);
    for byte in bytes {
        write!(key, "{byte:02x}").ok();
    }
    key.parse().expect("32 hexadecimal digits are an idempotency key")
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
        Draft::going_on(None, &[offer()], key("first"))
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
    fn another_offer_for_the_same_party_keeps_what_was_typed() {
        let dearer = Offer { offer_id: "offer.2".parse().unwrap(), ..offer() };
        for (refused, key_after) in [(true, "second"), (false, "first")] {
            let mut draft = draft();
            draft.enter(typed(&draft, "Mori"), "kenji@example.com".to_owned(), key("unused"));
            draft.sending();
            if refused {
                draft.refused(Vec::new());
            }
            let next = Draft::going_on(Some(draft.clone()), std::slice::from_ref(&dearer), key("second"));
            assert_eq!(next.offer_ids(), std::slice::from_ref(&dearer.offer_id));
            assert_eq!((next.travellers(), next.email()), (draft.travellers(), draft.email()));
            assert_eq!(next.idempotency_key().as_str(), key_after, "refused: {refused}");
        }
    }

    #[test]
    fn other_flights_are_another_booking_and_the_lost_one_is_remembered() {
        let other = Offer {
            offer_id: "offer.2".parse().unwrap(),
            itinerary_id: "TN9.2026-12-05".to_owned(),
            ..offer()
        };
        for lost in [false, true] {
            let mut draft = draft();
            draft.enter(typed(&draft, "Mori"), "kenji@example.com".to_owned(), key("unused"));
            if lost {
                draft.sending();
            }
            let next = Draft::going_on(Some(draft.clone()), std::slice::from_ref(&other), key("second"));
            assert_eq!((next.idempotency_key().as_str(), next.sent()), ("second", &Sent::Never));
            assert_eq!((next.travellers(), next.others_unanswered()), (draft.travellers(), lost));
        }
    }

    #[test]
    fn another_party_is_typed_anew() {
        let mut draft = draft();
        draft.enter(typed(&draft, "Mori"), "kenji@example.com".to_owned(), key("unused"));
        let mut alone = Offer { offer_id: "offer.2".parse().unwrap(), ..offer() };
        alone.price.shares.truncate(1);
        alone.price.shares[0].count = 1;
        let next = Draft::going_on(Some(draft), &[alone], key("second"));
        assert_eq!(next.travellers(), [Traveller::new(PassengerType::Adult)]);
        assert_eq!(next.email(), "kenji@example.com");
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

//! Offers that can't be made up: what was offered travels in the offer id, signed.
//!
//! `<payload>.<signature>`, both base64url without padding. The payload is a JSON array (its first element the
//! format's number), the signature its HMAC-SHA256. Nothing is stored for an offer, so a search writes nothing.

use api_types::{Cabin, FareClass, FareFamily, Miles, OfferId, PassengerType, UtcInstant};
use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD as BASE64_URL};
use ring::hmac;
use serde::{Deserialize, Serialize};

use super::party::Party;

/// For how long an offer's price holds.
///
/// Source: docs/programme-rules.md, "How long a price holds".
pub const PRICE_HOLDS_SECS: i64 = 20 * 60;

/// The format of the payload; another number has another meaning.
const FORMAT: u8 = 1;

/// Said before the payload when signing, so that a signature made here means nothing elsewhere.
const CONTEXT: &[u8] = b"tern.booking offer\n";

/// What an offer promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferTerms {
    /// The flights and their dates.
    pub itinerary_id: String,
    /// The cabin of every segment.
    pub cabin: Cabin,
    /// What the fare allows.
    pub fare_family: FareFamily,
    /// For whom it was priced.
    pub party: Party,
    /// What the party pays, taxes in, in minor units.
    pub amount_minor: i64,
    /// What the party's seats earn.
    pub miles: Miles,
    /// The fares it was priced by.
    pub fares_version: String,
    /// Until when it holds.
    pub expires_at: UtcInstant,
}

impl OfferTerms {
    /// When it was priced.
    #[must_use]
    pub fn priced_at(&self) -> UtcInstant {
        self.expires_at.plus_secs(-PRICE_HOLDS_SECS)
    }
}

/// Signs offers and tells its own from others.
pub struct OfferSigner {
    current: hmac::Key,
    accepted: Vec<hmac::Key>, // `current` among them
}

/// There is no key to sign offers with.
#[derive(Debug, thiserror::Error)]
#[error("at least one offer signing key is needed")]
pub struct NoSigningKey;

/// Why an offer id is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferIdError {
    /// It was not signed with one of our keys.
    #[error("this is not one of our offers")]
    Foreign,
    /// We signed it, in a form that is no longer read.
    #[error("this offer is of an older form")]
    Outdated,
}

/// The payload: what is to stay short has no names.
#[derive(Serialize, Deserialize)]
struct Payload(u8, String, FareClass, [u8; 3], i64, i64, String, i64);

impl OfferSigner {
    /// The first of `keys` signs; all of them verify, so that offers live through a change of key.
    ///
    /// # Errors
    /// When `keys` is empty.
    pub fn new(keys: &[[u8; 32]]) -> Result<Self, NoSigningKey> {
        let accepted: Vec<_> = keys.iter().map(|key| hmac::Key::new(hmac::HMAC_SHA256, key)).collect();
        let current = accepted.first().cloned().ok_or(NoSigningKey)?;
        Ok(Self { current, accepted })
    }

    /// The id of an offer of `terms`.
    ///
    /// # Panics
    /// When it gets longer than an [`OfferId`] may be: an itinerary id has some fifty characters at most, and
    /// an offer id a fifth of what would be too long.
    #[must_use]
    pub fn sign(&self, terms: &OfferTerms) -> OfferId {
        let payload = Payload(
            FORMAT,
            terms.itinerary_id.clone(),
            FareClass::of(terms.cabin, terms.fare_family),
            PassengerType::ALL.map(|each| terms.party.count(each)),
            terms.amount_minor,
            terms.miles.0,
            terms.fares_version.clone(),
            terms.expires_at.epoch_secs(),
        );
        let payload = serde_json::to_vec(&payload).expect("numbers and strings are JSON");
        let signature = hmac::sign(&self.current, &signed(&payload));
        let id = format!("{}.{}", BASE64_URL.encode(&payload), BASE64_URL.encode(signature));
        id.parse().expect("an offer id is base64url, and short")
    }

    /// What the offer of this id promises. Whether it still holds is another question.
    ///
    /// # Errors
    /// When it is not ours ([`OfferIdError::Foreign`]) or of a form we no longer read.
    pub fn verify(&self, offer_id: &OfferId) -> Result<OfferTerms, OfferIdError> {
        let (payload, signature) = offer_id.as_str().split_once('.').ok_or(OfferIdError::Foreign)?;
        let payload = BASE64_URL.decode(payload).map_err(|_| OfferIdError::Foreign)?;
        let signature = BASE64_URL.decode(signature).map_err(|_| OfferIdError::Foreign)?;
        let signed = signed(&payload);
        // ring compares in constant time; all keys are tried, whichever fits.
        let ours = self.accepted.iter().filter(|key| hmac::verify(key, &signed, &signature).is_ok()).count();
        if ours == 0 {
            return Err(OfferIdError::Foreign);
        }
        read(&payload).ok_or(OfferIdError::Outdated)
    }
}

/// Reads keys as an environment holds them: comma-separated, each 32 bytes in base64.
///
/// # Errors
/// When one is something else; the message says which, and never what it is.
pub fn signing_keys(text: &str) -> Result<Vec<[u8; 32]>, BadSigningKey> {
    text.split(',')
        .enumerate()
        .map(|(position, key)| {
            let bytes = BASE64_STANDARD.decode(key.trim()).ok();
            bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(BadSigningKey(position + 1))
        })
        .collect()
}

/// A signing key that can't be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("offer signing key number {0} is not 32 bytes in base64")]
pub struct BadSigningKey(usize);

fn signed(payload: &[u8]) -> Vec<u8> {
    [CONTEXT, payload].concat()
}

fn read(payload: &[u8]) -> Option<OfferTerms> {
    let Payload(
        format,
        itinerary_id,
        fare_class,
        [adults, children, infants],
        amount_minor,
        miles,
        fares,
        expiry,
    ) = serde_json::from_slice(payload).ok()?;
    (format == FORMAT).then_some(())?;
    let cabin = fare_class.cabin();
    let fare_family =
        FareFamily::ALL.into_iter().find(|family| FareClass::of(cabin, *family) == fare_class)?;
    Some(OfferTerms {
        itinerary_id,
        cabin,
        fare_family,
        party: Party::new(adults, children, infants).ok()?,
        amount_minor,
        miles: Miles(miles),
        fares_version: fares,
        expires_at: UtcInstant::from_epoch_secs(expiry),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> OfferTerms {
        OfferTerms {
            itinerary_id: "TN1234-20261205.TN5678-20261206".to_owned(),
            cabin: Cabin::PremiumEconomy,
            fare_family: FareFamily::Classic,
            party: Party::new(2, 1, 1).unwrap(),
            amount_minor: 1_234_567,
            miles: Miles(15_372),
            fares_version: "2026-11".to_owned(),
            expires_at: "2026-11-21T12:20:00Z".parse().unwrap(),
        }
    }

    fn signer(keys: &[u8]) -> OfferSigner {
        OfferSigner::new(&keys.iter().map(|byte| [*byte; 32]).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn an_offer_is_read_back_as_it_was_made() {
        let signer = signer(&[1]);
        let id = signer.sign(&terms());
        assert_eq!(signer.verify(&id), Ok(terms()));
        assert!(id.as_str().len() <= 200, "{} characters", id.as_str().len());
        assert_eq!(terms().priced_at(), "2026-11-21T12:00:00Z".parse().unwrap());
    }

    #[test]
    fn no_character_of_an_offer_can_be_changed() {
        let signer = signer(&[1]);
        let id = signer.sign(&terms());
        for position in 0..id.as_str().len() {
            let mut bytes = id.as_str().as_bytes().to_vec();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let forged: OfferId = String::from_utf8(bytes).unwrap().parse().unwrap();
            assert_eq!(signer.verify(&forged), Err(OfferIdError::Foreign), "at {position}: {forged}");
        }
    }

    #[test]
    fn what_somebody_else_made_is_foreign() {
        let id = signer(&[2]).sign(&terms());
        assert_eq!(signer(&[1]).verify(&id), Err(OfferIdError::Foreign));
        for text in ["x", ".", "..", "eyJh.eyJh", "-._"] {
            assert_eq!(signer(&[1]).verify(&text.parse().unwrap()), Err(OfferIdError::Foreign), "{text}");
        }
        // Cut short: a shorter signature is no signature.
        let whole = signer(&[1]).sign(&terms());
        let cut = &whole.as_str()[..whole.as_str().len() - 22];
        assert_eq!(signer(&[1]).verify(&cut.parse().unwrap()), Err(OfferIdError::Foreign));
    }

    #[test]
    fn offers_live_through_a_change_of_key() {
        let before = signer(&[1]).sign(&terms());
        let during = signer(&[2, 1]);
        assert_eq!(during.verify(&before), Ok(terms()));
        assert_eq!(signer(&[2]).verify(&during.sign(&terms())), Ok(terms()), "the first key signs");
        assert_eq!(signer(&[2]).verify(&before), Err(OfferIdError::Foreign));
    }

    #[test]
    fn our_own_offer_of_another_form_is_outdated() {
        let signer = signer(&[1]);
        for payload in [&br#"[2,"an","other","form"]"#[..], b"not json"] {
            let signature = hmac::sign(&signer.current, &signed(payload));
            let id = format!("{}.{}", BASE64_URL.encode(payload), BASE64_URL.encode(signature));
            assert_eq!(signer.verify(&id.parse().unwrap()), Err(OfferIdError::Outdated));
        }
    }

    #[test]
    fn keys_are_read_from_text_or_named_by_their_place() {
        let key = BASE64_STANDARD.encode([7; 32]);
        assert_eq!(signing_keys(&key), Ok(vec![[7; 32]]));
        assert_eq!(signing_keys(&format!("{key}, {key}")), Ok(vec![[7; 32]; 2]));
        for (text, bad) in [(String::new(), 1), (format!("{key},short"), 2), (format!("{key},"), 2)] {
            assert_eq!(signing_keys(&text), Err(BadSigningKey(bad)), "{text}");
        }
        assert!(OfferSigner::new(&[]).is_err());
    }
}

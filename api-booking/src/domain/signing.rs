//! Offers that can't be made up: what was offered travels in the offer id, signed.
//!
//! `<payload>.<signature>`, both base64url without padding. The payload is a JSON array (its first element the
//! format's number), the signature its HMAC-SHA256. Nothing is stored for an offer, so a search writes nothing.
//! What was shown is in the payload as a digest: booking works it out again from the data of that moment and compares.

use api_types::{Cabin, FareClass, FareFamily, OfferId, PassengerType, UtcInstant};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64_URL};
use ring::hmac;
use serde::{Deserialize, Serialize};

use super::party::Party;
use super::quote::QuoteDigest;

/// For how long an offer's price holds.
///
/// Source: docs/programme-rules.md, "How long a price holds".
pub const PRICE_HOLDS_SECS: i64 = 20 * 60;

/// The format of the payload; another number has another meaning.
const FORMAT: u8 = 2;

/// Signed before the payload (domain separation), so that a signature made here means nothing elsewhere.
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
    /// What was shown: the digest of the [`Quote`](super::Quote).
    pub quote: QuoteDigest,
    /// When its price ends.
    pub expires_at: UtcInstant,
}

impl OfferTerms {
    /// The instant as of which it was priced.
    #[must_use]
    pub fn priced_at(&self) -> UtcInstant {
        self.expires_at.plus_secs(-PRICE_HOLDS_SECS)
    }
}

/// Signs offers and verifies them.
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
    /// We signed it, in a format that is no longer read.
    #[error("this offer has an older format")]
    Outdated,
}

/// Format, itinerary, fare class, party, end in seconds since 1970, digest. An array, as offer ids are to stay short.
#[derive(Serialize, Deserialize)]
struct Payload(u8, String, FareClass, [u8; 3], i64, String);

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
            terms.expires_at.epoch_secs(),
            BASE64_URL.encode(terms.quote),
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

fn signed(payload: &[u8]) -> Vec<u8> {
    [CONTEXT, payload].concat()
}

fn read(payload: &[u8]) -> Option<OfferTerms> {
    let Payload(format, itinerary_id, fare_class, [adults, children, infants], expires_at, quote) =
        serde_json::from_slice(payload).ok()?;
    (format == FORMAT).then_some(())?;
    let cabin = fare_class.cabin();
    let fare_family =
        FareFamily::ALL.into_iter().find(|family| FareClass::of(cabin, *family) == fare_class)?;
    Some(OfferTerms {
        itinerary_id,
        cabin,
        fare_family,
        party: Party::new(adults, children, infants).ok()?,
        quote: BASE64_URL.decode(quote).ok()?.try_into().ok()?,
        expires_at: UtcInstant::from_epoch_secs(expires_at),
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
            quote: *b"sixteen bytes...",
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
    fn an_offer_signed_with_another_key_is_foreign() {
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
    fn our_own_offer_in_another_format_is_outdated() {
        let signer = signer(&[1]);
        let older = br#"[1,"TN7-20261205","Q",[1,0,0],71200,2562,"2026-11",1795263600]"#;
        for payload in [&older[..], br#"[3,"an","other","form"]"#, b"not json"] {
            let signature = hmac::sign(&signer.current, &signed(payload));
            let id = format!("{}.{}", BASE64_URL.encode(payload), BASE64_URL.encode(signature));
            assert_eq!(signer.verify(&id.parse().unwrap()), Err(OfferIdError::Outdated));
        }
    }

    #[test]
    fn a_signer_needs_a_key() {
        assert!(OfferSigner::new(&[]).is_err());
    }
}

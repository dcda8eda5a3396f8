//! What a caller's `Idempotency-Key` was answered with.

use api_types::{BookingRequest, Contact, IdempotencyKey, MemberId, Passenger, RecordLocator, UtcInstant};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};

use super::{
    Store, StoreError,
    keys::{self, EXPIRES_AT, FINGERPRINT, Item, LOCATOR, PK, REFUSAL, REPLY, number, string, text},
};
use crate::domain::Refusal;

/// For how long a key's answer is stored.
///
/// Source: docs/decisions/0023, "Repeats".
const STORED_SECS: i64 = 48 * 60 * 60;

const READING: &str = "reading an idempotency key's answer";

/// The condition under which a key is free, over `#pk`, `#expires_at` and `:now`: DynamoDB removes expired items in its own
/// time, and until then they no longer count.
pub(super) const KEY_IS_FREE: &str = "attribute_not_exists(#pk) OR #expires_at <= :now";

/// A key as one request uses it.
#[derive(Clone, Copy, Debug)]
pub struct KeyUse<'a> {
    /// The member whose key it is.
    pub caller: &'a MemberId,
    /// The key itself.
    pub key: &'a IdempotencyKey,
    /// What the request under it is.
    pub fingerprint: &'a Fingerprint,
}

/// Equal for requests that mean the same: `v1.` and a SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of `request` as it was parsed: white space, order of fields and spelling that parsing evens out
    /// make no difference.
    ///
    /// It is taken of a list of named values. A field that a release adds is a further pair, written only where it
    /// differs from its default: the requests of older clients keep their fingerprint. A release that changes the list
    /// otherwise raises the version, and compares items of the older version by the older list.
    #[must_use]
    pub fn of(request: &BookingRequest) -> Self {
        // Taken apart field by field, so that a new field doesn't compile until it is written here.
        let BookingRequest { offer_ids, passengers, contact: Contact { email } } = request;
        let mut list = Vec::new();
        let mut write = |name: &str, value: &str| list.extend([name.to_owned(), value.to_owned()]);
        for offer_id in offer_ids {
            write("offer_id", offer_id.as_str());
        }
        for Passenger { given_name, family_name, birth_date, passenger_type } in passengers {
            write("passenger", passenger_type.as_str());
            if let Some(given_name) = given_name {
                write("given_name", given_name.as_str());
            }
            write("family_name", family_name.as_str());
            write("birth_date", &birth_date.to_string());
        }
        write("email", email.as_str());
        let list: Vec<&[u8]> = list.iter().map(String::as_bytes).collect();
        Self(format!("v1.{}", hash(&list)))
    }
}

/// What a successful request was answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The booking that was created.
    pub record_locator: RecordLocator,
    /// The booking in JSON, to the byte as first sent.
    pub body: String,
}

/// The answer to a request, for every attempt under its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was booked.
    Booked(Reply),
    /// It was refused, for a reason that depends on time or stock.
    Refused(Refusal),
}

/// How the attempt to record a refusal ended.
#[derive(Debug)]
pub enum RecordRefusalOutcome {
    /// It is the key's answer now: a transaction under the same key that is still under way will fail.
    Recorded,
    /// The key has an answer already, `None` if it is another request's.
    Answered(Option<Answer>),
    /// A transaction under the same key is under way. The same again may pass.
    Conflict,
}

impl Store {
    /// Stores `refusal` as the key's answer (a tombstone), unless it has one.
    ///
    /// # Errors
    /// When the database request failed. Whether it wrote is unknown then; doing it again is safe.
    pub async fn record_refusal(
        &self,
        key: KeyUse<'_>,
        refusal: &Refusal,
        now: UtcInstant,
    ) -> Result<RecordRefusalOutcome, StoreError> {
        const DOING: &str = "recording a refusal";
        let json = serde_json::to_string(refusal);
        let json = json.map_err(|error| StoreError::failed(DOING, error))?;
        let mut item = key_item(key, now);
        item.insert(REFUSAL.to_owned(), text(json));
        let sent = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(item))
            .condition_expression(KEY_IS_FREE)
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#expires_at", EXPIRES_AT)
            .expression_attribute_values(":now", number(now.epoch_secs()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let error = match sent {
            Ok(_) => return Ok(RecordRefusalOutcome::Recorded),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                let answer = self.answer_in(key, failed.item(), now).await?;
                Ok(answer.map_or(RecordRefusalOutcome::Conflict, RecordRefusalOutcome::Answered))
            }
            Some(PutItemError::TransactionConflictException(_)) => Ok(RecordRefusalOutcome::Conflict),
            _ => Err(StoreError::while_doing(DOING)(error)),
        }
    }

    /// The answer that the key has, if it has one; within it `None` if it is another request's.
    ///
    /// # Errors
    /// When the database request failed, or the item can't be read.
    pub async fn answer(
        &self,
        key: KeyUse<'_>,
        now: UtcInstant,
    ) -> Result<Option<Option<Answer>>, StoreError> {
        let found = self.table.get(READING, keys::idempotency(key.caller, key.key)).await?;
        let found = found.filter(|item| expires_at(item).is_some_and(|at| at > now.epoch_secs()));
        found.map(|item| read(&item, key.fingerprint)).transpose()
    }

    /// The answer in the item that failed [`KEY_IS_FREE`]; read from the table if it did not come along. `None` if it has
    /// expired meanwhile: the key is free.
    pub(super) async fn answer_in(
        &self,
        key: KeyUse<'_>,
        item: Option<&Item>,
        now: UtcInstant,
    ) -> Result<Option<Option<Answer>>, StoreError> {
        match item {
            Some(item) => read(item, key.fingerprint).map(Some),
            None => self.answer(key, now).await,
        }
    }
}

/// The item that stores a key's answer, without the answer.
pub(super) fn key_item(key: KeyUse<'_>, now: UtcInstant) -> Item {
    let mut item = keys::idempotency(key.caller, key.key);
    item.insert(FINGERPRINT.to_owned(), text(&key.fingerprint.0));
    item.insert(EXPIRES_AT.to_owned(), number(now.epoch_secs() + STORED_SECS));
    item
}

/// SHA-256 over `parts`, each with its length before it, as 43 characters of base64url.
pub(super) fn hash(parts: &[&[u8]]) -> String {
    let mut all = Vec::new();
    for part in parts {
        all.extend_from_slice(&(part.len() as u64).to_be_bytes());
        all.extend_from_slice(part);
    }
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, &all))
}

fn expires_at(item: &Item) -> Option<i64> {
    item.get(EXPIRES_AT)?.as_n().ok()?.parse().ok()
}

fn read(item: &Item, fingerprint: &Fingerprint) -> Result<Option<Answer>, StoreError> {
    let attribute = |name: &str| string(item, name);
    let answer = || match attribute(REFUSAL) {
        Some(refusal) => serde_json::from_str(refusal).ok().map(Answer::Refused),
        None => Some(Answer::Booked(Reply {
            record_locator: attribute(LOCATOR)?.parse().ok()?,
            body: attribute(REPLY)?.to_owned(),
        })),
    };
    let (stored, answer) = attribute(FINGERPRINT)
        .zip(answer())
        .ok_or_else(|| StoreError::unreadable(READING, "an attribute is missing or malformed"))?;
    Ok((stored == fingerprint.0).then_some(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(json: &str) -> String {
        Fingerprint::of(&serde_json::from_str(json).unwrap()).0
    }

    #[test]
    fn a_hash_depends_on_where_a_part_ends() {
        assert_ne!(hash(&[b"ab", b"c"]), hash(&[b"a", b"bc"]));
        assert_eq!(hash(&[]).len(), 43);
    }

    #[test]
    fn a_request_keeps_its_fingerprint_from_release_to_release() {
        // If this fails, retries that cross the release are refused with 422: see `Fingerprint::of`.
        let request = r#"{"offer_ids":["a.b"],"passengers":[{"given_name":"Kenji","family_name":"Mori",
            "birth_date":"1990-04-01","type":"adult"}],"contact":{"email":"kenji@example.com"}}"#;
        assert_eq!(fingerprint(request), "v1.XZ6SHKe1D_7kZQWt7xOJgzYORN6TtoFjo1GZOBYE6qg");
        // A client of a later release sends fields that this one doesn't know.
        let newer = request.replace("\"type\"", "\"meal\":null,\"type\"");
        assert_eq!(fingerprint(&newer), fingerprint(request));
    }

    #[test]
    fn requests_that_differ_have_different_fingerprints() {
        let request = |offers: &str, given: &str, family: &str, email: &str| {
            fingerprint(&format!(
                r#"{{"offer_ids":[{offers}],"passengers":[{{{given}"family_name":"{family}",
                "birth_date":"1990-04-01","type":"adult"}}],"contact":{{"email":"{email}"}}}}"#
            ))
        };
        let one = request(r#""a""#, "", "Mori", "kenji@example.com");
        assert_eq!(one, request(r#" "a" "#, "", "  Mori ", "kenji@example.com"));
        for other in [
            request(r#""b""#, "", "Mori", "kenji@example.com"),
            request(r#""a","b""#, "", "Mori", "kenji@example.com"),
            request(r#""a""#, r#""given_name":"Kenji","#, "Mori", "kenji@example.com"),
            request(r#""a""#, "", "Morimoto", "kenji@example.com"),
            request(r#""a""#, "", "Mori", "mori@example.com"),
        ] {
            assert_ne!(one, other);
        }
    }
}

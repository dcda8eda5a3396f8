//! A member joins the programme, with the miles and the tier that they bring.

use api_types::{MemberId, Miles, Tier, UtcInstant};

use crate::store::{Committed, Store, StoreError};

const ATTEMPTS: u32 = 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    pub member_id: MemberId,
    pub tier: Tier,
    /// Miles they bring, which can be spent at once. With none there is no opening entry.
    pub opening_balance: Miles,
    /// Miles that already count towards their tier this year.
    pub status_miles: Miles,
    pub at: UtcInstant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolled {
    Now,
    /// They were enrolled before; this enrolment changes nothing.
    Before,
}

#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    #[error("an enrolment can't bring negative miles")]
    NegativeMiles,
    /// Other writers changed the account during each attempt. The same enrolment again is safe.
    #[error("the member's account changed at each of {ATTEMPTS} attempts")]
    Contended,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Enrols a member once. One who earned miles before enrolling keeps them, at the tier they were earned by.
///
/// # Errors
/// When miles are negative or the store fails; nothing is half-written.
pub async fn enrol(store: &Store, enrolment: Enrolment) -> Result<Enrolled, EnrolError> {
    let Enrolment { member_id, tier, opening_balance, status_miles, at } = enrolment;
    if opening_balance < Miles(0) || status_miles < Miles(0) {
        return Err(EnrolError::NegativeMiles);
    }
    for _ in 0..ATTEMPTS {
        let Some(account) = store.account_before_enrolment(&member_id).await? else {
            return Ok(Enrolled::Before);
        };
        let opening = account.open(tier, opening_balance, status_miles, at);
        match store.commit_opening(&member_id, &account, opening, at).await? {
            Committed::Done => return Ok(Enrolled::Now),
            Committed::Overtaken => {}
        }
    }
    Err(EnrolError::Contended)
}

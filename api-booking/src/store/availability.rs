use std::collections::BTreeSet;

use api_types::{Cabin, FlightNumber, LocalDate};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::Select;

use super::{
    Store, StoreError,
    keys::{self, PK, SK, text},
};

/// The seats of one cabin of one flight on one day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CabinOfFlight {
    /// The flight.
    pub flight_number: FlightNumber,
    /// The day it leaves, where it leaves.
    pub departure_date: LocalDate,
    /// The cabin.
    pub cabin: Cabin,
}

impl Store {
    /// How many seats of `cabin` are taken, as of every booking acknowledged by now.
    ///
    /// # Errors
    /// When the database request failed.
    pub async fn count_seats_taken(&self, cabin: &CabinOfFlight) -> Result<u32, StoreError> {
        const DOING: &str = "counting seats";
        let mut taken = 0;
        let mut after = None;
        loop {
            let page = self
                .seats_of(cabin)
                .select(Select::Count)
                .set_exclusive_start_key(after)
                .send()
                .await
                .map_err(StoreError::while_doing(DOING))?;
            taken += u32::try_from(page.count).unwrap_or(0);
            after = page.last_evaluated_key;
            if after.is_none() {
                return Ok(taken);
            }
        }
    }

    /// The numbers from `first` on of the seats of `cabin` that are taken, as of every booking acknowledged by now.
    ///
    /// # Errors
    /// When the database request failed.
    pub async fn seats_taken(&self, cabin: &CabinOfFlight, first: u32) -> Result<BTreeSet<u32>, StoreError> {
        const DOING: &str = "listing seats";
        let mut taken = BTreeSet::new();
        let mut after = None;
        loop {
            let page = self
                .seats_of(cabin)
                .key_condition_expression("#pk = :flight AND #sk >= :first")
                .expression_attribute_values(":first", text(keys::seat_position(first)))
                .projection_expression("#sk")
                .expression_attribute_names("#sk", SK)
                .set_exclusive_start_key(after)
                .send()
                .await
                .map_err(StoreError::while_doing(DOING))?;
            for item in page.items.unwrap_or_default() {
                let sk = item.get(SK).and_then(|sk| sk.as_s().ok());
                let number = sk.and_then(|sk| keys::seat_number(sk));
                taken.insert(number.ok_or_else(|| StoreError::unreadable(DOING, "a seat without a number"))?);
            }
            after = page.last_evaluated_key;
            if after.is_none() {
                return Ok(taken);
            }
        }
    }

    /// The taken seats of `cabin`, read so that every booking acknowledged by now is seen.
    fn seats_of(&self, cabin: &CabinOfFlight) -> QueryFluentBuilder {
        self.table
            .query()
            .key_condition_expression("#pk = :flight")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_values(":flight", text(keys::flight(cabin)))
    }
}

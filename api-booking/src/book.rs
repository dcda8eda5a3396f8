//! Making a booking: offers redeemed, seats taken, once per `Idempotency-Key`.
//!
//! A repeat is recognised by the transaction itself, which carries the idempotency item; nothing is read before
//! it. What is refused without a transaction (an offer that has expired since, a flight that has sold out since)
//! is looked up in a second step: whoever was answered before gets that answer, however late they ask again.
//! A refusal writes nothing, so its key stays unused.

use std::collections::BTreeMap;
use std::time::Duration;

use api_types::{
    Booking, BookingRequest, BookingStatus, Bound, FareClass, FieldError, IdempotencyKey, MemberId, OfferId,
    ProblemCode, RecordLocator, UtcInstant,
};
use futures::future::try_join_all;
use service_kit::station::{self, Began};
use service_kit::trace::TraceParent;

use crate::App;
use crate::domain::signing::OfferIdError;
use crate::domain::trip::{self, OfferError, OfferedBound, Trip, TripError};
use crate::domain::{Party, Schedule, fares, passengers};
use crate::events;
use crate::metrics::{BOOKINGS, REPEATS};
use crate::store::{CabinOfFlight, Fingerprint, Reply, Sale, SaleOutcome, SeatOfFlight, StoreError};

/// How often a sale is tried before it gives way. A lost round means that somebody else got a seat.
const ATTEMPTS: u32 = 16;

/// A wish to book.
#[derive(Clone, Debug)]
pub struct Order {
    /// Who books.
    pub caller: MemberId,
    /// Their name for this attempt: the same again is answered the same.
    pub idempotency_key: IdempotencyKey,
    /// What they want.
    pub request: BookingRequest,
    /// Where on its trace it is made; the event carries that on.
    pub trace: Option<TraceParent>,
}

/// Why nothing was booked.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// The offers or the passengers are not right.
    #[error("{} of the request's fields are wrong", .0.len())]
    Refused(Vec<FieldError>),
    /// Too few seats are left on a flight.
    #[error("{0} is sold out")]
    SoldOut(String),
    /// The key was used for something else.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// So many want the same seats that this one did not get its turn.
    #[error("too many sales of the same seats at once")]
    Contended,
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Books what `order` asks for, or answers as it was answered before.
///
/// # Errors
/// See [`BookError`]. Nothing is half-done; after [`BookError::Store`] the same order with the same key finds out
/// whether it was done.
pub async fn book(app: &App, order: &Order) -> Result<Reply, BookError> {
    let fingerprint = Fingerprint::of(&order.request);
    let now = app.clock().now();
    match attempt(app, order, &fingerprint, now).await {
        Err(refusal @ (BookError::Refused(_) | BookError::SoldOut(_))) => {
            let (caller, key) = (&order.caller, &order.idempotency_key);
            match app.store().answered(caller, key, &fingerprint, now).await? {
                Some(SaleOutcome::Answered(earlier)) => repeated(earlier),
                _ => Err(refusal),
            }
        }
        outcome => outcome,
    }
}

async fn attempt(
    app: &App,
    order: &Order,
    fingerprint: &Fingerprint,
    now: UtcInstant,
) -> Result<Reply, BookError> {
    let trip = redeem(app, &order.request, now).map_err(BookError::Refused)?;
    let mut seating = Seating::guess(app, &trip)?;
    let mut locator = new_locator(app);
    for tried in 0..ATTEMPTS {
        let booking = confirmed(&order.request, &trip, locator.clone(), now);
        let reply = Reply {
            record_locator: locator.clone(),
            body: serde_json::to_string(&booking).expect("a booking is made of text and numbers"),
        };
        let sale = Sale {
            caller: &order.caller,
            idempotency_key: &order.idempotency_key,
            fingerprint,
            booking: &booking,
            reply: &reply,
            seats: &seating.seats(),
            event: &events::confirmed(&booking, &order.caller, order.trace),
        };
        let began = Began::now();
        match app.store().sell(&sale, now).await? {
            SaleOutcome::Sold => {
                note_sold(order, &sale, began, tried);
                return Ok(reply);
            }
            SaleOutcome::Answered(earlier) => return repeated(earlier),
            SaleOutcome::Taken { locator: locator_taken, cabins } => {
                if locator_taken {
                    locator = new_locator(app);
                }
                try_join_all(cabins.iter().map(|cabin| app.store().seats_taken(cabin)))
                    .await?
                    .iter()
                    .zip(&cabins)
                    .try_for_each(|(taken, cabin)| {
                        seating.reseat(app, cabin, |seat| !taken.contains(&seat))
                    })?;
            }
            SaleOutcome::Conflict => tokio::time::sleep(back_off(app, tried)).await,
        }
    }
    Err(BookError::Contended)
}

/// The answer that the key got before, if it belongs to this request.
fn repeated(earlier: Option<Reply>) -> Result<Reply, BookError> {
    let reply = earlier.ok_or(BookError::KeyReused)?;
    station::count(REPEATS);
    Ok(reply)
}

/// Counts the booking, with what is asked about bookings and is no personal data.
fn note_sold(order: &Order, sale: &Sale<'_>, began: Began, tried: u32) {
    station::count(BOOKINGS);
    if let Some(bound) = sale.booking.bounds.first() {
        station::note("cabin", bound.cabin.as_str());
        station::note("fare_family", bound.fare_family.as_str());
    }
    station::note("passengers", sale.booking.passengers.len());
    station::note("attempts", tried + 1);
    if let Some(trace) = order.trace {
        station::passed(events::SALE, events::place_of_sale(trace, &sale.event.id), began);
    }
}

/// The trip that the offers make, if they all hold, match each other, and fit the passengers.
fn redeem(app: &App, request: &BookingRequest, now: UtcInstant) -> Result<Trip, Vec<FieldError>> {
    check_counts(request)?;
    let mut errors = Vec::new();
    let mut bounds = Vec::new();
    for (position, offer_id) in request.offer_ids.iter().enumerate() {
        match redeem_one(app, offer_id, now) {
            Ok(bound) => bounds.push(bound),
            Err((code, why)) => {
                let detail = format!("{why}; search again");
                errors.push(FieldError::new(format!("offer_ids[{position}]"), code, detail));
            }
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut bounds = bounds.into_iter();
    let trip = match (bounds.next(), bounds.next()) {
        (Some(out), Some(back)) => Trip::there_and_back(out, back).map_err(|error| {
            let code = match error {
                TripError::Parties | TripError::NotBack | TripError::TooEarly => ProblemCode::OffersDontMatch,
            };
            vec![FieldError::new("offer_ids[1]", code, error.to_string())]
        })?,
        (Some(out), None) => Trip::one_way(out),
        (None, _) => return Err(vec![offer_count_error()]),
    };
    let (first, last) = (trip.first_departure_date(), trip.last_departure_date());
    passengers::check(&request.passengers, first, last, trip.party())?;
    Ok(trip)
}

fn redeem_one(app: &App, offer_id: &OfferId, now: UtcInstant) -> Result<OfferedBound, (ProblemCode, String)> {
    let terms = app.signer().verify(offer_id).map_err(|error| (code_of_id(error), error.to_string()))?;
    trip::redeem(Schedule::current(), terms, now).map_err(|error| (code_of_offer(error), error.to_string()))
}

fn check_counts(request: &BookingRequest) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    if !(1..=2).contains(&request.offer_ids.len()) {
        errors.push(offer_count_error());
    }
    if !(1..=usize::from(Party::MOST)).contains(&request.passengers.len()) {
        errors.push(FieldError::new(
            "passengers",
            ProblemCode::PartySize,
            "one to nine people can book together",
        ));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn offer_count_error() -> FieldError {
    FieldError::new("offer_ids", ProblemCode::InvalidRequest, "give one offer, or two for a return trip")
}

fn code_of_id(error: OfferIdError) -> ProblemCode {
    match error {
        OfferIdError::Foreign => ProblemCode::OfferInvalid,
        OfferIdError::Outdated => ProblemCode::OfferChanged,
    }
}

fn code_of_offer(error: OfferError) -> ProblemCode {
    match error {
        OfferError::Expired(_) => ProblemCode::OfferExpired,
        OfferError::FlightsChanged | OfferError::SalesClosed | OfferError::PriceChanged => {
            ProblemCode::OfferChanged
        }
    }
}

/// The booking as it stands once it is made.
fn confirmed(
    request: &BookingRequest,
    trip: &Trip,
    record_locator: RecordLocator,
    now: UtcInstant,
) -> Booking {
    let bound = |offered: &OfferedBound| Bound {
        segments: offered.itinerary.segments(),
        duration_minutes: offered.itinerary.duration_minutes(),
        cabin: offered.terms.cabin,
        fare_family: offered.terms.fare_family,
        fare_class: FareClass::of(offered.terms.cabin, offered.terms.fare_family),
        conditions: fares::conditions(offered.terms.cabin, offered.terms.fare_family),
    };
    Booking {
        record_locator,
        version: 1,
        status: BookingStatus::Confirmed,
        created_at: now,
        bounds: trip.bounds().map(bound).collect(),
        passengers: request.passengers.clone(),
        contact: request.contact.clone(),
        price: trip.price(),
        miles: trip.miles(),
    }
}

fn new_locator(app: &App) -> RecordLocator {
    RecordLocator::from_random(app.random().draw() as u32) // its low thirty bits are used
}

/// Up to 5 ms after the first conflict, twice as long after each further one, 320 ms at most; how much of it is
/// chance, so that those who met don't meet again.
fn back_off(app: &App, tried: u32) -> Duration {
    let most_us = 5_000_usize << tried.min(6);
    Duration::from_micros(app.random().below(most_us) as u64)
}

/// Which seats a sale tries to take.
struct Seating {
    wanted: BTreeMap<CabinOfFlight, Wanted>,
}

struct Wanted {
    capacity: u32,
    seats: usize,
    chosen: Vec<u32>,
}

impl Seating {
    /// A guess in every cabin of the trip, read from nowhere: on all but nearly full flights it hits, and no
    /// counter is there for everybody to queue at.
    fn guess(app: &App, trip: &Trip) -> Result<Self, BookError> {
        let mut wanted = BTreeMap::<CabinOfFlight, Wanted>::new();
        for bound in trip.bounds() {
            let seats = usize::from(bound.terms.party.seats());
            for flight in &bound.itinerary.flights {
                let cabin = CabinOfFlight::of(flight, bound.terms.cabin);
                let capacity = flight.seat_capacity(bound.terms.cabin);
                wanted.entry(cabin).or_insert(Wanted { capacity, seats: 0, chosen: Vec::new() }).seats +=
                    seats;
            }
        }
        let mut seating = Self { wanted };
        let cabins: Vec<_> = seating.wanted.keys().cloned().collect();
        cabins.iter().try_for_each(|cabin| seating.reseat(app, cabin, |_| true))?;
        Ok(seating)
    }

    /// Chooses again in `cabin`, among the seats that are `free`.
    fn reseat(
        &mut self,
        app: &App,
        cabin: &CabinOfFlight,
        free: impl Fn(u32) -> bool,
    ) -> Result<(), BookError> {
        let Some(wanted) = self.wanted.get_mut(cabin) else { return Ok(()) };
        let free = (1..=wanted.capacity).filter(|seat| free(*seat)).collect();
        wanted.chosen = app.random().choose(free, wanted.seats).ok_or_else(|| {
            BookError::SoldOut(format!("{} on {}", cabin.flight_number, cabin.departure_date))
        })?;
        Ok(())
    }

    fn seats(&self) -> Vec<SeatOfFlight> {
        let seats = |(cabin, wanted): (&CabinOfFlight, &Wanted)| {
            let seat = |number: &u32| SeatOfFlight { cabin: cabin.clone(), number: *number };
            wanted.chosen.iter().map(seat).collect::<Vec<_>>()
        };
        self.wanted.iter().flat_map(seats).collect()
    }
}

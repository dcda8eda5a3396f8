//! Creating a booking: offers redeemed, seats taken, once per `Idempotency-Key`.
//!
//! The transaction itself recognises a repeat: it carries the idempotency item. A refusal that depends on time or stock
//! (an offer that ended, a flight that sold out) is recorded under the key too, on condition that the key has no answer
//! yet. Of two attempts under one key, one of which commits while the other is refused, the first to write wins, and both
//! get its answer. Other refusals write nothing and leave their key unused.

mod seating;

use std::time::Duration;

use api_types::{
    Booking, BookingRequest, BookingStatus, Bound, FareClass, FieldError, IdempotencyKey, MemberId, OfferId,
    Passenger, ProblemCode, RecordLocator, UtcInstant,
};
use futures::future::try_join_all;
use service_kit::metrics;
use service_kit::trace::TraceParent;
use tracing::field::display;
use tracing::{Span, instrument};

use self::seating::Seating;
use crate::App;
use crate::domain::signing::OfferIdError;
use crate::domain::trip::{self, OfferError, OfferedBound, Trip, TripError};
use crate::domain::{Party, Refusal, Schedule, booking_event, passengers};
use crate::metrics::{BOOKINGS, REPEATS};
use crate::store::{
    Answer, CreateBookingOutcome, Fingerprint, KeyUse, NewBooking, RecordRefusalOutcome, Reply, StoreError,
};

/// How often a write is tried. Each lost try means that another request got a seat.
const ATTEMPTS: u32 = 16;

/// A request to book.
#[derive(Clone, Debug)]
pub struct CreateBooking {
    /// The member who books.
    pub caller: MemberId,
    /// The caller's key for this request: every attempt under it gets one answer.
    pub idempotency_key: IdempotencyKey,
    /// Offers, passengers and contact.
    pub request: BookingRequest,
    /// The span of the request; the event continues its trace.
    pub trace: Option<TraceParent>,
}

/// Why nothing was booked.
#[derive(Debug, thiserror::Error)]
pub enum CreateBookingError {
    /// The request is refused, now and whenever it comes again under the same key.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// So many requests want the same seats that this one did not get its turn.
    #[error("too many sales of the same seats at once")]
    Contended,
    /// The database request failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Books what `order` requests, or gives the answer that its key got before.
///
/// # Errors
/// See [`CreateBookingError`]. Nothing is half-done; after [`CreateBookingError::Store`] the same order with the same key
/// finds out whether it was done.
pub async fn create_booking(app: &App, order: &CreateBooking) -> Result<Reply, CreateBookingError> {
    let fingerprint = Fingerprint::of(&order.request);
    let key = KeyUse { caller: &order.caller, key: &order.idempotency_key, fingerprint: &fingerprint };
    let now = app.clock().now();
    match attempt(app, order, key, now).await {
        Err(CreateBookingError::Refused(refusal)) => settle(app, key, refusal, now).await,
        outcome => outcome,
    }
}

#[instrument(name = "sale", skip_all, fields(span_id, cabin, fare_family, passengers, attempts))]
async fn attempt(
    app: &App,
    order: &CreateBooking,
    key: KeyUse<'_>,
    now: UtcInstant,
) -> Result<Reply, CreateBookingError> {
    let (trip, passengers) = redeem(app, &order.request, now).map_err(Refusal::Fields)?;
    let mut seating = Seating::choose(app, &trip).await?;
    let mut locator = new_locator(app);
    for tried in 0..ATTEMPTS {
        let booking = confirmed(&order.request, &passengers, &trip, locator.clone(), now);
        let reply = Reply {
            record_locator: locator.clone(),
            body: serde_json::to_string(&booking).expect("a booking is made of text and numbers"),
        };
        let new = NewBooking {
            key,
            booking: &booking,
            reply: &reply,
            seats: &seating.seats(),
            event: &booking_event::current(&booking, &order.caller, order.trace),
        };
        match app.store().create_booking(&new, now).await? {
            CreateBookingOutcome::Created => {
                record_created(order, &new, tried);
                return Ok(reply);
            }
            CreateBookingOutcome::Answered(answer) => return repeated(answer),
            CreateBookingOutcome::Taken { locator: locator_taken, cabins } => {
                if locator_taken {
                    locator = new_locator(app);
                }
                let taken =
                    try_join_all(cabins.iter().map(|cabin| app.store().seats_taken(cabin, 1))).await?;
                for (cabin, taken) in cabins.iter().zip(&taken) {
                    seating.choose_in(app, cabin, taken)?;
                }
            }
            CreateBookingOutcome::Conflict => tokio::time::sleep(back_off(app, tried)).await,
        }
    }
    Err(CreateBookingError::Contended)
}

/// Gives the refused request the answer that its key has, and records the refusal as that answer if there is none.
async fn settle(
    app: &App,
    key: KeyUse<'_>,
    refusal: Refusal,
    now: UtcInstant,
) -> Result<Reply, CreateBookingError> {
    if !refusal.depends_on_time_or_stock() {
        return match app.store().answer(key, now).await? {
            Some(answer) => repeated(answer),
            None => Err(refusal.into()),
        };
    }
    for tried in 0..ATTEMPTS {
        match app.store().record_refusal(key, &refusal, now).await? {
            RecordRefusalOutcome::Recorded => return Err(refusal.into()),
            RecordRefusalOutcome::Answered(answer) => return repeated(answer),
            RecordRefusalOutcome::Conflict => tokio::time::sleep(back_off(app, tried)).await,
        }
    }
    Err(CreateBookingError::Contended)
}

/// The answer that the key got before, if it belongs to this request.
fn repeated(answer: Option<Answer>) -> Result<Reply, CreateBookingError> {
    let answer = answer.ok_or(CreateBookingError::KeyReused)?;
    metrics::count(REPEATS);
    match answer {
        Answer::Booked(reply) => Ok(reply),
        Answer::Refused(refusal) => Err(refusal.into()),
    }
}

/// Counts the booking, and records fields that are of interest and no personal data.
fn record_created(order: &CreateBooking, new: &NewBooking<'_>, tried: u32) {
    metrics::count(BOOKINGS);
    let span = Span::current();
    if let Some(bound) = new.booking.bounds.first() {
        span.record("cabin", bound.cabin.as_str()).record("fare_family", bound.fare_family.as_str());
    }
    span.record("passengers", new.booking.passengers.len()).record("attempts", tried + 1);
    if let Some(trace) = order.trace {
        span.record("span_id", display(booking_event::place_of_sale(trace, &new.event.id).span_id()));
    }
}

/// The trip that the offers make, if they all hold, match each other, and fit the passengers; and the passengers.
fn redeem(
    app: &App,
    request: &BookingRequest,
    now: UtcInstant,
) -> Result<(Trip, Vec<Passenger>), Vec<FieldError>> {
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
                TripError::Parties | TripError::NotBack | TripError::TooEarly(_) => {
                    ProblemCode::OffersDontMatch
                }
            };
            vec![FieldError::new("offer_ids[1]", code, error.to_string())]
        })?,
        (Some(out), None) => Trip::one_way(out),
        (None, _) => return Err(vec![offer_count_error()]),
    };
    let (first, last) = (trip.first_departure_date(), trip.last_departure_date());
    passengers::check(&request.passengers, first, last, trip.party())?;
    let passengers = passengers::with_normalised_names(&request.passengers)?;
    Ok((trip, passengers))
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
        OfferError::FlightsChanged | OfferError::SalesClosed | OfferError::QuoteChanged => {
            ProblemCode::OfferChanged
        }
    }
}

/// The booking in its first version.
fn confirmed(
    request: &BookingRequest,
    passengers: &[Passenger],
    trip: &Trip,
    record_locator: RecordLocator,
    now: UtcInstant,
) -> Booking {
    let bound = |offered: &OfferedBound| Bound {
        segments: offered.quote.segments.clone(),
        duration_minutes: offered.quote.duration_minutes,
        cabin: offered.terms.cabin,
        fare_family: offered.terms.fare_family,
        fare_class: FareClass::of(offered.terms.cabin, offered.terms.fare_family),
        conditions: offered.quote.conditions.clone(),
    };
    Booking {
        record_locator,
        version: 1,
        status: BookingStatus::Confirmed,
        created_at: now,
        bounds: trip.bounds().map(bound).collect(),
        passengers: passengers.to_vec(),
        contact: request.contact.clone(),
        price: trip.price(),
        miles: trip.miles(),
    }
}

fn new_locator(app: &App) -> RecordLocator {
    RecordLocator::from_random(app.random().draw() as u32) // its low thirty bits are used
}

/// Full jitter: a random wait of up to 5 ms after the first conflict, twice as long after each further one, 320 ms at
/// most, so that requests that met don't meet again.
fn back_off(app: &App, tried: u32) -> Duration {
    let most_us = 5_000_usize << tried.min(6);
    Duration::from_micros(app.random().below(most_us) as u64)
}

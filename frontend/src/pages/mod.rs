//! The pages: each fetches its data and lets components show it.

mod check;
mod fare;
mod miles;
mod not_found;
mod results;
#[cfg(feature = "shop")]
mod search;
mod sign_in;
mod statement;
mod travellers;
mod trip;
mod trips;

pub use check::CheckPage;
pub use fare::FarePage;
pub use miles::MilesPage;
pub use not_found::NotFoundPage;
pub use results::ResultsPage;
#[cfg(feature = "shop")]
pub use search::SearchPage;
pub use sign_in::SignInPage;
pub use statement::StatementPage;
pub use travellers::TravellersPage;
pub use trip::TripPage;
pub use trips::TripsPage;

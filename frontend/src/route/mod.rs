//! Every page's address, parsed once: past here a route carries typed values.
//!
//! The address is the only store of search, sort and filters, so that sharing, reloading and Back work.
//! Defaults are left out of it.

mod results;
mod search;

use api_types::{OfferId, RecordLocator};

pub use results::{DayPart, Filters, ResultsView, Sort};
pub use search::{FlightSearch, Party, SearchDraft};

use crate::query::{Query, decode, encode};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `/`: the search form, with the part of the search that the address has.
    Search(SearchDraft),
    /// `/flights/SFO-TYO/2026-12-05/2026-12-12?adults=2`: flights of one direction to choose from.
    Flights {
        search: FlightSearch,
        /// The chosen outbound offer, when this is about the return.
        out: Option<OfferId>,
        view: ResultsView,
    },
    /// `/flights/.../fare?itinerary=...`: the fares of one itinerary.
    Fare {
        search: FlightSearch,
        /// The chosen outbound offer, when this is about the return.
        out: Option<OfferId>,
        itinerary: String,
    },
    /// `/book/<offer>[~<offer>]/travellers`: who flies.
    Travellers {
        /// One offer, or two for a return trip, the way out first.
        offers: Vec<OfferId>,
    },
    /// `/book/<offer>[~<offer>]/check`: review before booking.
    Check {
        /// One offer, or two for a return trip, the way out first.
        offers: Vec<OfferId>,
    },
    /// `/trips`: the member's bookings.
    Trips,
    /// `/trips/K7QZ4M`: one booking; `?new=1` is its confirmation page.
    Trip {
        record_locator: RecordLocator,
        /// Whether it has just been made.
        new: bool,
    },
    /// `/miles`: balance, tier, latest entries.
    Miles,
    /// `/miles/statement`: the ledger.
    Statement,
    /// `/sign-in?next=/trips`: signing in, and where to go after.
    SignIn {
        /// The address to go to after; the search page when there is none. Always an address of this app.
        next: Option<String>,
    },
    /// No page has this address.
    NotFound,
}

impl Route {
    /// The route of a path and the query after its `?`.
    #[must_use]
    pub fn parse(path: &str, query: &str) -> Self {
        let query = Query::parse(query);
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        Self::of(&parts, &query).unwrap_or(Self::NotFound)
    }

    /// The route of an address within the app: path, and query if any.
    #[must_use]
    pub fn parse_address(address: &str) -> Self {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        Self::parse(path, query)
    }

    fn of(parts: &[&str], query: &Query) -> Option<Self> {
        Some(match parts {
            [] => Self::Search(SearchDraft::from_query(query)),
            ["flights", pair, dates @ ..] => {
                let (dates, fare) = match dates {
                    [dates @ .., "fare"] => (dates, true),
                    dates => (dates, false),
                };
                let search = FlightSearch::from_path(pair, dates, query)?;
                let out = query.parsed("out");
                if fare {
                    Self::Fare { search, out, itinerary: query.get("itinerary")?.to_owned() }
                } else {
                    Self::Flights { search, out, view: ResultsView::from_query(query) }
                }
            }
            ["book", offers, "travellers"] => Self::Travellers { offers: parse_offers(offers)? },
            ["book", offers, "check"] => Self::Check { offers: parse_offers(offers)? },
            ["trips"] => Self::Trips,
            ["trips", locator] => {
                Self::Trip { record_locator: locator.parse().ok()?, new: query.get("new") == Some("1") }
            }
            ["miles"] => Self::Miles,
            ["miles", "statement"] => Self::Statement,
            ["sign-in"] => {
                Self::SignIn { next: query.get("next").filter(|next| is_ours(next)).map(Into::into) }
            }
            _ => return None,
        })
    }

    /// Whether this bundle has the page. A release is three bundles, each with a document and some of the pages; servers
    /// choose the document by the first part of the path.
    #[must_use]
    pub fn is_here(&self) -> bool {
        match self {
            Self::Search(_) | Self::Flights { .. } | Self::Fare { .. } => cfg!(feature = "shop"),
            Self::Travellers { .. } | Self::Check { .. } => cfg!(feature = "book"),
            Self::Trips | Self::Trip { .. } | Self::Miles | Self::Statement => cfg!(feature = "member"),
            // Signing in before a booking loads no other document.
            Self::SignIn { .. } => cfg!(any(feature = "book", feature = "member")),
            Self::NotFound => true,
        }
    }

    /// Whether two routes show the same page, regardless of parameters.
    #[must_use]
    pub fn same_page(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// The address: path and query.
impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Search(draft) => write!(f, "/{}", draft.to_query()),
            Self::Flights { search, out, view } => {
                let query = view.add_to(search.party_query()).with_some("out", out.as_ref());
                write!(f, "/flights/{}{query}", search.path())
            }
            Self::Fare { search, out, itinerary } => {
                let query = search.party_query().with("itinerary", itinerary).with_some("out", out.as_ref());
                write!(f, "/flights/{}/fare{query}", search.path())
            }
            Self::Travellers { offers } => write!(f, "/book/{}/travellers", joined(offers)),
            Self::Check { offers } => write!(f, "/book/{}/check", joined(offers)),
            Self::Trips => f.write_str("/trips"),
            Self::Trip { record_locator, new } => {
                write!(f, "/trips/{record_locator}{}", if *new { "?new=1" } else { "" })
            }
            Self::Miles => f.write_str("/miles"),
            Self::Statement => f.write_str("/miles/statement"),
            Self::SignIn { next } => {
                write!(f, "/sign-in{}", Query::default().with_some("next", next.as_ref()))
            }
            Self::NotFound => f.write_str("/not-found"),
        }
    }
}

/// An offer id never holds a `~`, so it separates two of them.
fn joined(offers: &[OfferId]) -> String {
    offers.iter().map(|offer| encode(offer.as_str())).collect::<Vec<_>>().join("~")
}

fn parse_offers(text: &str) -> Option<Vec<OfferId>> {
    let offers: Option<Vec<OfferId>> = text.split('~').map(|id| decode(id)?.parse().ok()).collect();
    offers.filter(|offers| offers.len() <= 2)
}

/// Whether an address stays in this app: a link must not use the sign-in page to lead elsewhere.
fn is_ours(address: &str) -> bool {
    address.starts_with('/') && !address.starts_with("//") && !address.contains('\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_written_as_it_is_read() {
        for address in [
            "/",
            "/?from=SFO&to=TYO&depart=2026-12-05&return=2026-12-12&adults=2",
            "/?from=SFO&trip=one-way",
            "/flights/SFO-TYO/2026-12-05",
            "/flights/SFO-TYO/2026-12-05/2026-12-12?adults=2&cabin=business&sort=cheapest&stops=0",
            "/flights/SFO-TYO/2026-12-05?children=1&infants=1&times=night,morning&out=abc.DEF_-",
            "/flights/SFO-TYO/2026-12-05/fare?adults=3&itinerary=TN7%4020261205",
            "/book/abc.def/travellers",
            "/book/abc.def~ghi/check",
            "/trips",
            "/trips/K7QZ4M",
            "/trips/K7QZ4M?new=1",
            "/miles",
            "/miles/statement",
            "/sign-in",
            "/sign-in?next=%2Ftrips",
        ] {
            assert_eq!(Route::parse_address(address).to_string(), address);
        }
    }

    #[test]
    fn what_is_no_address_is_not_found() {
        for address in [
            "/flights/SFO/2026-12-05",
            "/flights/SFO-TYO/2026-02-30",
            "/flights/SFO-TYO",
            "/flights/SFO-TYO/2026-12-05/2026-12-01",
            "/flights/SFO-TYO/2026-12-05/fare",
            "/book/a~b~c/check",
            "/trips/K7QZ40",
            "/elsewhere",
        ] {
            assert_eq!(Route::parse_address(address), Route::NotFound, "{address}");
        }
    }

    #[test]
    fn signing_in_never_leads_out_of_the_app() {
        for address in
            ["/sign-in?next=https://evil.example", "/sign-in?next=//evil.example", "/sign-in?next=/%5Cevil"]
        {
            assert_eq!(Route::parse_address(address), Route::SignIn { next: None }, "{address}");
        }
    }

    #[test]
    fn a_party_that_cannot_book_is_read_as_one_adult() {
        for query in ["adults=0", "adults=10", "adults=8&children=3", "infants=2", "adults=x"] {
            let Route::Flights { search, .. } = Route::parse("/flights/SFO-TYO/2026-12-05", query) else {
                panic!("{query} is not a search");
            };
            assert_eq!(search.party, Party::default(), "{query}");
        }
    }
}

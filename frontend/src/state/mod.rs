//! State that outlives a page: session, chosen offers, recent searches.

pub mod crossing;
pub mod draft;
pub mod found;
pub mod recent;
pub mod session;
pub mod storage;
pub mod trip;
pub mod written;

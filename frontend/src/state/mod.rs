//! What outlives a page: who is signed in, which offers were chosen, what was searched for.

pub mod crossing;
pub mod draft;
pub mod found;
pub mod recent;
pub mod session;
pub mod storage;
pub mod trip;
pub mod written;

//! Is a store file what it should be? Checked before anything is opened for writing.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{DataFolderError, at};
use crate::bus::APPLICATION_ID;

/// How every SQLite file begins.
const SQLITE_HEADER: &[u8; 16] = b"SQLite format 3\0";

/// A service's store: whole, and made by the embedded DynamoDB.
pub(super) fn check_store(path: &Path) -> Result<(), DataFolderError> {
    let Some(connection) = open_sound(path)? else { return Ok(()) };
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_master WHERE type = 'table'", [], |row| row.get(0))
        .map_err(damaged(path))?;
    let ours: bool = connection
        .query_row("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '_tables')", [], |row| row.get(0))
        .map_err(damaged(path))?;
    // No table at all: killed before the first one was made.
    if ours || tables == 0 { Ok(()) } else { Err(not_ours(path)) }
}

/// The events on their way: whole, and made by our bus.
pub(super) fn check_bus(path: &Path) -> Result<(), DataFolderError> {
    let Some(connection) = open_sound(path)? else { return Ok(()) };
    let id: i32 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(damaged(path))?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))
        .map_err(damaged(path))?;
    if id == APPLICATION_ID || tables == 0 { Ok(()) } else { Err(not_ours(path)) }
}

/// `None`: not made yet. The header is looked at first because opening a foreign file could leave files beside it.
fn open_sound(path: &Path) -> Result<Option<Connection>, DataFolderError> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(at(path))?,
    };
    let mut header = Vec::new();
    file.by_ref().take(SQLITE_HEADER.len() as u64).read_to_end(&mut header).map_err(at(path))?;
    if header.is_empty() {
        return Ok(None); // killed between making the file and its first page
    }
    if header != SQLITE_HEADER {
        return Err(not_ours(path));
    }
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(damaged(path))?;
    let verdict: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(damaged(path))?;
    if verdict == "ok" {
        return Ok(Some(connection));
    }
    // The first line only names the database.
    let why = verdict.lines().last().unwrap_or_default().trim_end_matches('.').to_owned();
    Err(DataFolderError::Damaged { path: path.to_owned(), why })
}

fn damaged(path: &Path) -> impl FnOnce(rusqlite::Error) -> DataFolderError {
    let path = path.to_owned();
    move |error| DataFolderError::Damaged { path, why: error.to_string() }
}

fn not_ours(path: &Path) -> DataFolderError {
    DataFolderError::Damaged { path: path.to_owned(), why: "it isn't a store that Tern made".to_owned() }
}

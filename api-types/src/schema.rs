//! Schemas of types that are structs in memory and text on the wire: the derive would describe the struct.

use std::borrow::Cow;

use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use crate::{LocalDateTime, UtcInstant};

impl PartialSchema for LocalDateTime {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A wall clock with no zone, to the minute."))
            .pattern(Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:00$"))
            .examples(["2026-12-05T11:05:00"])
            .into()
    }
}

impl ToSchema for LocalDateTime {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("LocalDateTime")
    }
}

impl PartialSchema for UtcInstant {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("An instant in UTC, to the millisecond."))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .examples(["2026-12-05T19:05:00Z"])
            .into()
    }
}

impl ToSchema for UtcInstant {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("UtcInstant")
    }
}

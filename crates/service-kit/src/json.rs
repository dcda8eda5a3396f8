//! Reading JSON: a struct comes from an object only.
//!
//! Derived `Deserialize` code also accepts an array, taking the fields by position, so `["SFO","NRT"]` would pass for
//! an object at any depth. Here an array in place of an object is refused.

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

/// Why a text could not be read as a `T`.
///
/// Shown without serde's own words: they quote what stands there, which may be a person's, and errors go to the log.
#[derive(Debug, thiserror::Error)]
#[error("`{path}` can't be read, at column {}", .cause.column())]
pub struct JsonError {
    /// Where, such as `passengers[1].birth_date`; `.` for the whole text.
    pub path: String,
    /// What is wrong there.
    pub cause: serde_json::Error,
}

/// Reads a `T` from all of `json`.
///
/// # Errors
/// When it is not JSON, or not of the shape of a `T`.
pub fn from_slice<T: DeserializeOwned>(json: &[u8]) -> Result<T, JsonError> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(Strict(&mut reader))
        .map_err(|error| JsonError { path: error.path().to_string(), cause: error.into_inner() })?;
    reader.end().map_err(|cause| JsonError { path: ".".to_owned(), cause })?;
    Ok(value)
}

/// A deserializer, or one of the parts that it hands out, whose structs are maps.
struct Strict<T>(T);

/// A visitor within [`Strict`].
struct StrictVisitor<V> {
    visitor: V,
    of_struct: bool,
}

fn any<V>(visitor: V) -> StrictVisitor<V> {
    StrictVisitor { visitor, of_struct: false }
}

fn of_struct<V>(visitor: V) -> StrictVisitor<V> {
    StrictVisitor { visitor, of_struct: true }
}

macro_rules! forward_deserialize {
    ($($method:ident($($name:ident: $type:ty),*) $wrap:ident;)*) => {
        $(fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($($name,)* $wrap(visitor))
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    forward_deserialize! {
        deserialize_any() any;
        deserialize_bool() any;
        deserialize_i8() any;
        deserialize_i16() any;
        deserialize_i32() any;
        deserialize_i64() any;
        deserialize_i128() any;
        deserialize_u8() any;
        deserialize_u16() any;
        deserialize_u32() any;
        deserialize_u64() any;
        deserialize_u128() any;
        deserialize_f32() any;
        deserialize_f64() any;
        deserialize_char() any;
        deserialize_str() any;
        deserialize_string() any;
        deserialize_bytes() any;
        deserialize_byte_buf() any;
        deserialize_option() any;
        deserialize_unit() any;
        deserialize_unit_struct(name: &'static str) any;
        deserialize_newtype_struct(name: &'static str) any;
        deserialize_seq() any;
        deserialize_tuple(len: usize) any;
        deserialize_tuple_struct(name: &'static str, len: usize) any;
        deserialize_map() any;
        deserialize_struct(name: &'static str, fields: &'static [&'static str]) of_struct;
        deserialize_enum(name: &'static str, variants: &'static [&'static str]) any;
        deserialize_identifier() any;
        deserialize_ignored_any() any;
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

macro_rules! forward_visit {
    ($($method:ident: $type:ty;)*) => {
        $(fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.visitor.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for StrictVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.visitor.expecting(f)
    }

    forward_visit! {
        visit_bool: bool;
        visit_i64: i64;
        visit_i128: i128;
        visit_u64: u64;
        visit_u128: u128;
        visit_f64: f64;
        visit_str: &str;
        visit_borrowed_str: &'de str;
        visit_string: String;
        visit_bytes: &[u8];
        visit_borrowed_bytes: &'de [u8];
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Strict(inner))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Strict(inner))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        if self.of_struct {
            return Err(Error::custom("expected an object, not an array"));
        }
        self.visitor.visit_seq(Strict(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Strict(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(Strict(data))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Strict(inner))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(Strict(seed))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Strict<A> {
    type Error = A::Error;
    type Variant = Strict<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        let (value, variant) = self.0.variant_seed(Strict(seed))?;
        Ok((value, Strict(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Strict(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, any(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, of_struct(visitor))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Trip {
        from: String,
        stops: Vec<Stop>,
        #[serde(default)]
        fare: Option<Fare>,
        #[serde(default)]
        seat: (u32, char),
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Stop {
        at: String,
        minutes: u32,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Fare {
        Free,
        Paid { minor: i64 },
        Shared(Box<Stop>),
    }

    #[test]
    fn an_array_in_place_of_an_object_is_refused_at_any_depth() {
        for (json, path) in [
            (r#"["SFO",[],null,[1,"A"]]"#, "."),
            (r#"{"from":"SFO","stops":[["ORD",45]]}"#, "stops[0]"),
            (r#"{"from":"SFO","stops":[{"at":"ORD","minutes":45},["LAX",45]]}"#, "stops[1]"),
            (r#"{"from":"SFO","stops":[],"fare":{"paid":[5]}}"#, "fare.paid"),
            (r#"{"from":"SFO","stops":[],"fare":{"shared":["ORD",45]}}"#, "fare.shared"),
        ] {
            let error = from_slice::<Trip>(json.as_bytes()).unwrap_err();
            assert!(
                error.cause.to_string().starts_with("expected an object, not an array"),
                "{json}: {error:?}"
            );
            assert_eq!(error.path, path, "{json}");
        }
    }

    #[test]
    fn every_other_shape_is_read_as_serde_json_reads_it() {
        for json in [
            r#"{"from":"SFO","stops":[]}"#,
            r#"{"from":"S\u0046O","stops":[{"at":"ORD","minutes":45}],"fare":null,"seat":[14,"C"]}"#,
            r#"{"from":"SFO","stops":[],"fare":"free","unknown":[1,{"a":[]}]}"#,
            r#"{"from":"SFO","stops":[],"fare":{"paid":{"minor":-5}}}"#,
            r#"{"from":"SFO","stops":[],"fare":{"shared":{"at":"ORD","minutes":45}}}"#,
        ] {
            let strict = from_slice::<Trip>(json.as_bytes()).unwrap();
            assert_eq!(strict, serde_json::from_str(json).unwrap(), "{json}");
        }
        let values = r#"[true,-1,18446744073709551615,0.5,"a",null,[[]],{"b":{}}]"#;
        let strict: serde_json::Value = from_slice(values.as_bytes()).unwrap();
        assert_eq!(strict, serde_json::from_str::<serde_json::Value>(values).unwrap());
    }
}

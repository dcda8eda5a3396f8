//! JSON to values, in little code.
//!
//! The browser parses the text (`JSON.parse`), and one `serde` deserializer walks the resulting tree. `serde_json`'s
//! parser is compiled anew into every type that is read: 146 KB before `wasm-opt` instead of 25 KB. It still writes
//! request bodies.
//!
//! Integers are exact up to 2^53. Native tests read the tree from `serde_json` and compare both readers on every kind
//! of reply.

use std::fmt;

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor, value::MapAccessDeserializer,
};

/// Not JSON, or not of the expected type. It has no position: nobody would read it in a browser, and messages for
/// each type would add to the wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread;

#[derive(Debug)]
enum Node {
    Null,
    Bool(bool),
    Number(f64), // whole numbers are exact up to 2^53, as in the browser itself
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// Reads a value from JSON text.
///
/// # Errors
/// When it is not JSON, or not of this type: the caller treats both as [`Unexpected`](crate::api::ApiFailure).
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Unread> {
    T::deserialize(parse(text).ok_or(Unread)?)
}

#[cfg(target_arch = "wasm32")]
fn parse(text: &str) -> Option<Node> {
    use js_sys::{Array, JSON, Object};
    use wasm_bindgen::{JsCast, JsValue};

    fn node(value: JsValue) -> Node {
        if let Some(text) = value.as_string() {
            Node::Text(text)
        } else if let Some(number) = value.as_f64() {
            Node::Number(number)
        } else if let Some(yes) = value.as_bool() {
            Node::Bool(yes)
        } else if Array::is_array(&value) {
            Node::List(Array::from(&value).iter().map(node).collect())
        } else if let Some(object) = value.dyn_ref::<Object>() {
            let pairs = Object::entries(object);
            let pairs = pairs.iter().map(|pair| {
                let pair = Array::from(&pair);
                (pair.get(0).as_string().unwrap_or_default(), node(pair.get(1)))
            });
            Node::Object(pairs.collect())
        } else {
            Node::Null
        }
    }
    JSON::parse(text).ok().map(node)
}

/// Outside a browser, for tests.
#[cfg(not(target_arch = "wasm32"))]
fn parse(text: &str) -> Option<Node> {
    use serde_json::Value;

    fn node(value: Value) -> Node {
        match value {
            Value::Null => Node::Null,
            Value::Bool(yes) => Node::Bool(yes),
            Value::Number(number) => Node::Number(number.as_f64().unwrap_or_default()),
            Value::String(text) => Node::Text(text),
            Value::Array(items) => Node::List(items.into_iter().map(node).collect()),
            Value::Object(pairs) => {
                Node::Object(pairs.into_iter().map(|(name, value)| (name, node(value))).collect())
            }
        }
    }
    serde_json::from_str(text).ok().map(node)
}

/// The number, if it has no fraction and is exact.
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53
    (number.abs() <= EXACT && number as i64 as f64 == number).then_some(number as i64)
}

/// Methods that read what another one reads.
macro_rules! same_form {
    ($($($method:ident)+ => $other:ident,)+) => {$($(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
            self.$other(visitor)
        }
    )+)+};
}

impl<'de> Deserializer<'de> for Node {
    type Error = Unread;

    // Each method takes the one form that the wire has for its type, so that the others aren't compiled in.

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(yes) => visitor.visit_bool(yes),
            Self::Number(number) => match whole(number) {
                Some(whole) => visitor.visit_i64(whole),
                None => visitor.visit_f64(number),
            },
            Self::Text(text) => visitor.visit_string(text),
            Self::List(items) => visitor.visit_seq(Items(items.into_iter())),
            Self::Object(pairs) => visitor.visit_map(Pairs { pairs: pairs.into_iter(), value: None }),
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        match self {
            Self::Number(number) => visitor.visit_i64(whole(number).ok_or(Unread)?),
            _ => Err(Unread),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        match self {
            Self::Number(number) => visitor.visit_f64(number),
            _ => Err(Unread),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        match self {
            Self::Bool(yes) => visitor.visit_bool(yes),
            _ => Err(Unread),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        match self {
            Self::Text(text) => visitor.visit_string(text),
            _ => Err(Unread),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        match self {
            Self::List(items) => visitor.visit_seq(Items(items.into_iter())),
            _ => Err(Unread),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        match self {
            Self::Object(pairs) => visitor.visit_map(Pairs { pairs: pairs.into_iter(), value: None }),
            _ => Err(Unread),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unread> {
        self.deserialize_map(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        match self {
            Self::Null => visitor.visit_none(),
            some => visitor.visit_some(some),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unread> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unread> {
        visitor.visit_newtype_struct(self)
    }

    /// A word is a variant without content, an object of one name a variant with it.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unread> {
        match self {
            Self::Text(word) => visitor.visit_enum(word.into_deserializer()),
            Self::Object(pairs) => {
                let pairs = Pairs { pairs: pairs.into_iter(), value: None };
                visitor.visit_enum(MapAccessDeserializer::new(pairs))
            }
            _ => Err(Unread),
        }
    }

    same_form! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 =>
            deserialize_i64,
        deserialize_f32 => deserialize_f64,
        deserialize_str deserialize_char deserialize_identifier => deserialize_string,
    }

    serde::forward_to_deserialize_any! { i128 u128 bytes byte_buf unit unit_struct tuple tuple_struct }
}

impl IntoDeserializer<'_, Unread> for Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

struct Items(std::vec::IntoIter<Node>);

impl<'de> SeqAccess<'de> for Items {
    type Error = Unread;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unread> {
        self.0.next().map(|item| seed.deserialize(item)).transpose()
    }
}

struct Pairs {
    pairs: std::vec::IntoIter<(String, Node)>,
    value: Option<Node>,
}

impl<'de> MapAccess<'de> for Pairs {
    type Error = Unread;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unread> {
        let Some((name, value)) = self.pairs.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(Node::Text(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unread> {
        seed.deserialize(self.value.take().unwrap_or(Node::Null))
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not JSON, or not of the type asked for")
    }
}

impl std::error::Error for Unread {}

/// All errors are the same and have no message.
impl de::Error for Unread {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

#[cfg(test)]
mod tests {
    use api_types::{Booking, BookingMiles, LedgerEntry, LocalDate, Miles, Offer, Problem};

    use super::*;
    use crate::testing;

    fn same<T: DeserializeOwned + serde::Serialize + PartialEq + std::fmt::Debug>(value: &T) {
        let text = serde_json::to_string(value).unwrap();
        assert_eq!(from_str::<T>(&text).unwrap(), *value, "{text}");
    }

    #[test]
    fn replies_read_as_serde_json_reads_them() {
        same::<Offer>(&testing::offer());
        same::<Booking>(&testing::booking());
        same::<BookingMiles>(&testing::booking_miles());
        same::<Vec<LedgerEntry>>(&testing::entries());
        same(&testing::account());
        same(&Problem::new(api_types::ProblemCode::SoldOut, "The last seats were just taken."));
    }

    #[test]
    fn enums_read_with_and_without_content() {
        #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        enum Step {
            First,
            Second(u8),
            Third { miles: Miles, day: Option<LocalDate> },
        }
        for step in [Step::First, Step::Second(7), Step::Third { miles: Miles(-1), day: None }] {
            same(&step);
        }
    }

    #[test]
    fn what_is_not_of_the_type_is_refused() {
        assert!(from_str::<Miles>("12.5").is_err());
        assert!(from_str::<Miles>("\"12\"").is_err());
        assert!(from_str::<u8>("256").is_err());
        assert!(from_str::<u8>("-1").is_err());
        assert!(from_str::<LocalDate>("\"2026-02-30\"").is_err());
        assert!(from_str::<Vec<u8>>("[1,").is_err());
        assert!(from_str::<api_types::ProblemCode>("\"no_such_code\"").is_err());
        assert!(from_str::<Option<Miles>>("null").unwrap().is_none());
        assert_eq!(from_str::<f64>("12").unwrap(), 12.0);
        assert_eq!(from_str::<f64>("-0.46194").unwrap(), -0.46194);
    }
}

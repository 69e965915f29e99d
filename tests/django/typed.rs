//! Any value that Rust can represent. Django's JSON is read as such a value, and written again from it.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::pairs::Pairs;

pub enum Typed {
    Null,
    Bool(bool),
    Int(i128),
    Uint(u128),
    Float(f64),
    Text(String),
    List(Vec<Typed>),
    Map(Pairs<Typed>),
}

impl Typed {
    /// Chooses by the text, because `serde_json` would turn an integer of more than 64 bits into a float.
    fn parse(text: &str) -> serde_json::Result<Self> {
        Ok(match text.as_bytes().first() {
            Some(b'n') => serde_json::from_str(text).map(|()| Self::Null)?,
            Some(b't' | b'f') => Self::Bool(serde_json::from_str(text)?),
            Some(b'"') => Self::Text(serde_json::from_str(text)?),
            Some(b'[') => Self::List(serde_json::from_str(text)?),
            Some(b'{') => Self::Map(serde_json::from_str(text)?),
            _ if text.contains(['.', 'e', 'E']) => Self::Float(serde_json::from_str(text)?),
            _ => match text.parse() {
                Ok(number) => Self::Int(number),
                Err(_) => Self::Uint(text.parse().map_err(serde_json::Error::custom)?),
            },
        })
    }
}

impl<'de> Deserialize<'de> for Typed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Self::parse(raw.get()).map_err(D::Error::custom)
    }
}

impl Serialize for Typed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => value.serialize(serializer),
            Self::Int(number) => number.serialize(serializer),
            Self::Uint(number) => number.serialize(serializer),
            Self::Float(number) => number.serialize(serializer),
            Self::Text(text) => text.serialize(serializer),
            Self::List(values) => values.serialize(serializer),
            Self::Map(pairs) => pairs.serialize(serializer),
        }
    }
}

impl Serialize for Pairs<Typed> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

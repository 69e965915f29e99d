//! Serializes and deserializes sessions and their values: byte for byte where that is possible, otherwise with an
//! error.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Error as _, Impossible, Serialize, SerializeStruct, Serializer};
use serde_json::value::RawValue;

use super::{JsonText, Session};
use crate::error::Error;
use crate::json::{RAW_VALUE, is_finite, write_string};

impl Serialize for Session {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.mark_accessed();
        serialize_raw(self.object.text(&mut String::new()), serializer)
    }
}

/// Works only with JSON; other formats return an error. So does `NaN`, which `serde_json` could not read back.
impl Serialize for JsonText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_raw(self.as_str(), serializer)
    }
}

/// Serializes JSON text by the protocol of `serde_json`'s `RawValue`.
fn serialize_raw<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    if !is_finite(text) {
        return Err(S::Error::custom(Error::NotFinite));
    }
    let mut raw = serializer.serialize_struct(RAW_VALUE, 1)?;
    raw.serialize_field(RAW_VALUE, &RawText(text))?;
    raw.end()
}

struct RawText<'a>(&'a str);

impl Serialize for RawText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A serializer that knows the protocol accepts only a string here. A serializer of another format would write a
        // string that contains JSON, instead of the JSON itself.
        if size_of::<S::SerializeMap>() == size_of::<Impossible<S::Ok, S::Error>>() {
            serializer.serialize_str(self.0)
        } else {
            Err(S::Error::custom(
                "a hardtack session can be written as JSON only",
            ))
        }
    }
}

impl<'de> Deserialize<'de> for Session {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SessionVisitor)
    }
}

struct SessionVisitor;

impl<'de> Visitor<'de> for SessionVisitor {
    type Value = Session;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Session, A::Error> {
        let mut text = String::from("{");
        // Only JSON has raw values: other formats fail here.
        while let Some((key, value)) = map.next_entry::<String, Box<RawValue>>()? {
            if text.len() > 1 {
                text.push(',');
            }
            write_string(&key, &mut text);
            text.push(':');
            text.push_str(value.get());
        }
        text.push('}');
        Session::from_json(&text).map_err(serde::de::Error::custom)
    }
}

//! Sessions and their values through serde, to the byte where that is possible, an error where it is not.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Error as _, Serialize, SerializeMap, SerializeStruct, Serializer};
use serde_json::value::RawValue;

use super::Session;
use crate::json::escape::write_string;
use crate::json::scan::{Kind, Scanner};
use crate::json::text_only::{takes_canonical_text, takes_text_only};
use crate::json::write::{CANONICAL, RAW_VALUE};
use crate::limits::MAX_DEPTH;

impl Serialize for Session {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(error) = self.deferred {
            return Err(S::Error::custom(error));
        }
        serializer.serialize_newtype_struct(CANONICAL, &Members(self))
    }
}

/// A session: as one text for our own writer, as a map for any other.
struct Members<'a>(&'a Session);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if takes_canonical_text(&serializer) {
            return serializer.collect_str(&self.0.object);
        }
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in self.0.members() {
            map.serialize_entry(&key, &value)?;
        }
        map.end()
    }
}

/// Canonical JSON text as a serde value.
pub(super) fn serialize_canonical<S: Serializer>(
    text: &str,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_newtype_struct(CANONICAL, &Value(text))
}

/// A value: as its text for our own writer, as a `RawValue` for any other.
struct Value<'a>(&'a str);

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if takes_canonical_text(&serializer) {
            return serializer.collect_str(self.0);
        }
        if has_not_finite(self.0) {
            return Err(S::Error::custom(crate::Error::NotFinite));
        }
        let mut raw = serializer.serialize_struct(RAW_VALUE, 1)?;
        raw.serialize_field(RAW_VALUE, &RawText(self.0))?;
        raw.end()
    }
}

/// What `serde_json` takes as it is. In another format it would become a string, which is not what it is.
struct RawText<'a>(&'a str);

impl Serialize for RawText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if takes_text_only::<S>() {
            serializer.serialize_str(self.0)
        } else {
            Err(S::Error::custom(
                "a hardtack session can be written as JSON only",
            ))
        }
    }
}

fn has_not_finite(text: &str) -> bool {
    let mut scanner = Scanner::new(text, MAX_DEPTH);
    core::iter::from_fn(|| scanner.next().ok().flatten()).any(|token| token.kind == Kind::NotFinite)
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
        // A RawValue comes out of JSON only.
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

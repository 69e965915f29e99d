//! Serializes Rust values as canonical JSON text, spelled as Python's `json.dumps` spells it.

mod elements;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Display, Write};

use serde::ser::{self, Serialize};

use crate::error::Error;
use crate::json::canonical::{Member, canonicalize_into, value_of};
use crate::json::failure::Failure;
use crate::json::float::{write_float, write_float32};
use crate::json::scan::{first_value, scan};
use crate::json::string::write_string;
use crate::limits::MAX_DEPTH;
use elements::Elements;

/// Name of the struct that `serde_json::value::RawValue` serializes itself as.
pub(crate) const RAW_VALUE: &str = "$serde_json::private::RawValue";
/// Name of the struct that `serde_json::Number` serializes itself as (feature `arbitrary_precision`).
const NUMBER: &str = "$serde_json::private::Number";

/// Appends the JSON text of `value` to `out`, with at most `max_depth` nested containers. An error leaves partial text.
///
/// Errors as from [`canonicalize_into`] and [`scan`], [`Error::NotFinite`], [`Error::Unserializable`].
pub(crate) fn write_value<T: Serialize + ?Sized>(
    value: &T,
    max_depth: usize,
    out: &mut String,
) -> Result<(), Error> {
    let embeds = Writer::new(max_depth, "", out).write(value)?.embeds;
    if embeds && max_depth == MAX_DEPTH {
        scan(out, &mut Vec::new())?;
    }
    Ok(())
}

/// Writes the JSON text of `value` to `out` (cleared first). Returns the text and, if it is an object, the value of
/// `key` in it, which must not need escapes in JSON. `members` is working memory.
///
/// Errors as from [`write_value`].
pub(crate) fn write_document<'o, T: Serialize + ?Sized>(
    value: &T,
    key: &str,
    members: &mut Vec<Member>,
    out: &'o mut String,
) -> Result<(&'o str, Option<&'o str>), Error> {
    out.clear();
    let written = Writer::new(MAX_DEPTH, key, out).write(value)?;
    let text = out.as_str();
    if written.embeds {
        scan(text, members)?;
        return Ok((text, value_of(text, members, key)));
    }
    let found = written.found.and_then(|start| text.get(start..));
    Ok((text, found.map(first_value)))
}

/// What a writer has noticed.
struct Written {
    /// Some text was embedded that was JSON already. It can contain a lone surrogate, which in a key of the outermost
    /// object could not be read back, and that object's keys.
    embeds: bool,
    /// The position of the last value of the key that was looked for.
    found: Option<usize>,
}

struct Writer<'a> {
    out: &'a mut String,
    /// Containers that may still be opened.
    depth_left: usize,
    /// Its value before any was opened.
    max_depth: usize,
    /// A key to look for in the outermost object.
    key: &'a str,
    written: Written,
    /// The first error inside a container.
    failure: Option<Error>,
}

impl<'a> Writer<'a> {
    fn new(max_depth: usize, key: &'a str, out: &'a mut String) -> Self {
        Self {
            out,
            depth_left: max_depth,
            max_depth,
            key,
            written: Written {
                embeds: false,
                found: None,
            },
            failure: None,
        }
    }

    fn write<T: Serialize + ?Sized>(mut self, value: &T) -> Result<Written, Error> {
        let written = value.serialize(&mut self).map_err(|Failure(error)| error);
        // If the value's `Serialize` ignored an error, the text is incomplete.
        self.failure.map_or(written, Err)?;
        Ok(self.written)
    }
}

impl Writer<'_> {
    fn open(&mut self, bracket: char) -> Result<(), Failure> {
        self.depth_left = self
            .depth_left
            .checked_sub(1)
            .ok_or(Failure(Error::TooDeep { limit: MAX_DEPTH }))?;
        self.out.push(bracket);
        Ok(())
    }

    fn close(&mut self, bracket: char) {
        self.depth_left += 1;
        self.out.push(bracket);
    }

    /// Writes the key of a map and its colon. Numbers and booleans become text, as in Python and `serde_json`.
    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failure> {
        let start = self.out.len();
        key.serialize(&mut *self)?;
        match self.out.as_bytes().get(start) {
            Some(b'"') => {}
            Some(b'{' | b'[' | b'n') | None => return Err(Failure(Error::Unserializable)),
            Some(_) => {
                self.out.insert(start, '"');
                self.out.push('"');
            }
        }
        self.colon(start);
        Ok(())
    }

    /// Writes the name of a member and its colon.
    fn name(&mut self, name: &str) {
        let start = self.out.len();
        write_string(name, self.out);
        self.colon(start);
    }

    /// Writes the colon after the name of a member that starts at `start`.
    fn colon(&mut self, start: usize) {
        if self.depth_left + 1 == self.max_depth {
            let name = self.out.get(start + 1..self.out.len() - 1);
            if name == Some(self.key) {
                self.written.found = Some(self.out.len() + 1);
            }
        }
        self.out.push(':');
    }

    /// Writes a value whose text is already JSON.
    fn json<T: Serialize + ?Sized>(&mut self, text: &T) -> Result<(), Failure> {
        self.written.embeds = true;
        let mut json = String::new();
        write!(json, "{}", Text(text)).map_err(|_| Failure(Error::Unserializable))?;
        canonicalize_into(&json, self.depth_left, self.out).map_err(Failure)
    }

    /// Writes `{"variant":`.
    fn open_variant(&mut self, variant: &str) -> Result<(), Failure> {
        self.open('{')?;
        self.name(variant);
        Ok(())
    }
}

/// Displays a value that serializes as text, with the serializer that `Formatter` implements.
struct Text<'a, T: ?Sized>(&'a T);

impl<T: Serialize + ?Sized> Display for Text<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.serialize(f)
    }
}

/// Serializer methods for types that are written with `Display`.
macro_rules! displayed {
    ($($method:ident: $type:ty),* $(,)?) => {$(
        fn $method(self, value: $type) -> Result<(), Failure> {
            write!(self.out, "{value}").map_err(|_| Failure(Error::Unserializable))
        }
    )*};
}

impl<'w, 'a> ser::Serializer for &'w mut Writer<'a> {
    type Ok = ();
    type Error = Failure;
    type SerializeSeq = Elements<'w, 'a>;
    type SerializeTuple = Elements<'w, 'a>;
    type SerializeTupleStruct = Elements<'w, 'a>;
    type SerializeTupleVariant = Elements<'w, 'a>;
    type SerializeMap = Elements<'w, 'a>;
    type SerializeStruct = Elements<'w, 'a>;
    type SerializeStructVariant = Elements<'w, 'a>;

    displayed! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128,
        serialize_bool: bool,
    }

    fn serialize_f32(self, value: f32) -> Result<(), Failure> {
        write_float32(value, self.out).map_err(Failure)
    }

    fn serialize_f64(self, value: f64) -> Result<(), Failure> {
        write_float(value, self.out).map_err(Failure)
    }

    fn serialize_char(self, value: char) -> Result<(), Failure> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Failure> {
        write_string(value, self.out);
        Ok(())
    }

    /// Writes an array of numbers, as `serde_json` does.
    fn serialize_bytes(self, value: &[u8]) -> Result<(), Failure> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), Failure> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Failure> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Failure> {
        self.out.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Failure> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Failure> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        self.open_variant(variant)?;
        value.serialize(&mut *self)?;
        self.close('}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Failure> {
        self.open('[')?;
        Ok(Elements::new(self, "]"))
    }

    fn serialize_tuple(self, length: usize) -> Result<Self::SerializeTuple, Failure> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleStruct, Failure> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Failure> {
        self.open_variant(variant)?;
        self.open('[')?;
        Ok(Elements::new(self, "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Failure> {
        self.open('{')?;
        Ok(Elements::new(self, "}"))
    }

    fn serialize_struct(
        self,
        name: &'static str,
        length: usize,
    ) -> Result<Self::SerializeStruct, Failure> {
        if name == RAW_VALUE || name == NUMBER {
            return Ok(Elements::new(self, ""));
        }
        self.serialize_map(Some(length))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Failure> {
        self.open_variant(variant)?;
        self.open('{')?;
        Ok(Elements::new(self, "}}"))
    }
}

//! Serializes Rust values as canonical JSON text, spelled as Python's `json.dumps` spells it.

use alloc::{string::String, vec::Vec};
use core::fmt::{self, Display, Write};

use serde::ser::{self, Serialize};

use crate::error::Error;
use crate::json::canonical::canonicalize_into;
use crate::json::failure::Failure;
use crate::json::float::{write_float, write_float32};
use crate::json::scan::scan;
use crate::json::string::write_string;
use crate::limits::MAX_DEPTH;

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
    let mut writer = Writer {
        out,
        depth_left: max_depth,
        failure: None,
    };
    let written = value.serialize(&mut writer).map_err(|Failure(error)| error);
    // If the value's `Serialize` ignored an error, the text is incomplete.
    writer.failure.map_or(written, Err)?;
    // Embedded JSON text can contain a lone surrogate. In a key of the outermost object, it could not be read back.
    if max_depth == MAX_DEPTH && out.contains("\\ud") {
        scan(out, &mut Vec::new())?;
    }
    Ok(())
}

struct Writer<'a> {
    out: &'a mut String,
    /// Containers that may still be opened.
    depth_left: usize,
    /// The first error inside a container.
    failure: Option<Error>,
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

    /// Writes the key of a map. Numbers and booleans become text, as in Python and `serde_json`.
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
        Ok(())
    }

    /// Writes a value whose text is already JSON.
    fn json<T: Serialize + ?Sized>(&mut self, text: &T) -> Result<(), Failure> {
        let mut json = String::new();
        write!(json, "{}", Text(text)).map_err(|_| Failure(Error::Unserializable))?;
        canonicalize_into(&json, self.depth_left, self.out).map_err(Failure)
    }

    /// Writes `{"variant":`.
    fn open_variant(&mut self, variant: &str) -> Result<(), Failure> {
        self.open('{')?;
        write_string(variant, self.out);
        self.out.push(':');
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

/// The elements between two brackets.
struct Elements<'w, 'a> {
    writer: &'w mut Writer<'a>,
    /// The closing brackets. Empty for text that is already JSON.
    end: &'static str,
    next: Next,
}

/// The step that must be next: a `Serialize` that breaks serde's protocol must not write half a member.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    First,
    Another,
    /// The value of a map's key.
    Value,
    /// None: a step panicked.
    Nothing,
}

impl<'w, 'a> Elements<'w, 'a> {
    fn new(writer: &'w mut Writer<'a>, end: &'static str) -> Self {
        Self {
            writer,
            end,
            next: Next::First,
        }
    }

    /// Runs `step` if it is due, and remembers its error, even if the caller's code ignores it.
    fn take(
        &mut self,
        is_due: bool,
        next: Next,
        step: impl FnOnce(&mut Writer<'a>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let is_due = is_due && core::mem::replace(&mut self.next, Next::Nothing) != Next::Nothing;
        let taken = if is_due {
            step(self.writer)
        } else {
            Err(Failure(Error::Unserializable))
        };
        self.next = next;
        if let Err(Failure(error)) = &taken {
            self.writer.failure.get_or_insert(*error);
        }
        taken
    }

    fn comma(&mut self) {
        if self.next == Next::Another {
            self.writer.out.push(',');
        }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        self.comma();
        self.take(true, Next::Another, |writer| value.serialize(writer))
    }

    fn field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        if self.end.is_empty() {
            return self.take(self.next == Next::First, Next::Another, |writer| {
                writer.json(value)
            });
        }
        self.comma();
        write_string(key, self.writer.out);
        self.writer.out.push(':');
        self.take(true, Next::Another, |writer| value.serialize(writer))
    }

    fn finish(mut self) -> Result<(), Failure> {
        let is_whole = if self.end.is_empty() {
            self.next == Next::Another
        } else {
            self.next != Next::Value
        };
        let end = self.end;
        self.take(is_whole, Next::Another, |writer| {
            end.chars().for_each(|bracket| writer.close(bracket));
            Ok(())
        })
    }
}

macro_rules! elements {
    ($($of:ident :: $method:ident => $step:ident($($key:ident)?)),* $(,)?) => {$(
        impl ser::$of for Elements<'_, '_> {
            type Ok = ();
            type Error = Failure;

            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($key: &'static str,)?
                value: &T,
            ) -> Result<(), Failure> {
                self.$step($($key,)? value)
            }

            fn end(self) -> Result<(), Failure> {
                self.finish()
            }
        }
    )*};
}

elements!(
    SerializeSeq::serialize_element => element(),
    SerializeTuple::serialize_element => element(),
    SerializeTupleStruct::serialize_field => element(),
    SerializeTupleVariant::serialize_field => element(),
    SerializeStruct::serialize_field => field(key),
    SerializeStructVariant::serialize_field => field(key),
);

impl ser::SerializeMap for Elements<'_, '_> {
    type Ok = ();
    type Error = Failure;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failure> {
        self.comma();
        self.take(self.next != Next::Value, Next::Value, |writer| {
            writer.key(key)
        })
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        self.writer.out.push(':');
        self.take(self.next == Next::Value, Next::Another, |writer| {
            value.serialize(writer)
        })
    }

    fn end(self) -> Result<(), Failure> {
        self.finish()
    }
}

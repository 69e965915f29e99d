//! The keys of maps, and JSON text inside of a value: a serializer that takes one text and nothing else.

use alloc::string::String;
use core::fmt::{self, Display, Write};

use serde::ser::{self, Impossible, Serialize, Serializer};

use crate::error::Error;
use crate::json::canonical::canonicalize_into;
use crate::json::float::{write_float, write_float32};
use crate::json::string::write_string;

/// [`Error`] on its way through serde, whose own messages are dropped: they may quote the value.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) Error);

impl ser::Error for Failure {
    fn custom<T: Display>(_: T) -> Self {
        Self(Error::Unserializable)
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core::error::Error for Failure {}

/// What the text is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The key of a map. Numbers and booleans become text, as in Python and `serde_json`.
    Key,
    /// JSON text of `serde_json`'s `RawValue` or `Number`.
    Json,
}

pub(crate) struct TextOnly<'a> {
    pub(crate) out: &'a mut String,
    /// Containers that may still be opened.
    pub(crate) depth_left: usize,
    pub(crate) role: Role,
}

impl TextOnly<'_> {
    /// Writes what is a key if it stands between quotes.
    fn key(self, write: impl FnOnce(&mut String) -> Result<(), Error>) -> Result<(), Failure> {
        if self.role != Role::Key {
            return unserializable();
        }
        self.out.push('"');
        write(self.out).map_err(Failure)?;
        self.out.push('"');
        Ok(())
    }

    fn display(self, value: impl Display) -> Result<(), Failure> {
        self.key(|out| write!(out, "{value}").map_err(|_| Error::Unserializable))
    }
}

fn unserializable<T>() -> Result<T, Failure> {
    Err(Failure(Error::Unserializable))
}

/// Methods of a serializer for types that are written as they are displayed.
macro_rules! displayed {
    ($($method:ident: $type:ty),* $(,)?) => {$(
        fn $method(self, value: $type) -> Result<(), Failure> {
            self.display(value)
        }
    )*};
}
pub(crate) use displayed;

impl Serializer for TextOnly<'_> {
    type Ok = ();
    type Error = Failure;
    type SerializeSeq = Impossible<(), Failure>;
    type SerializeTuple = Impossible<(), Failure>;
    type SerializeTupleStruct = Impossible<(), Failure>;
    type SerializeTupleVariant = Impossible<(), Failure>;
    type SerializeMap = Impossible<(), Failure>;
    type SerializeStruct = Impossible<(), Failure>;
    type SerializeStructVariant = Impossible<(), Failure>;

    fn serialize_str(self, value: &str) -> Result<(), Failure> {
        match self.role {
            Role::Key => write_string(value, self.out),
            Role::Json => canonicalize_into(value, self.depth_left, self.out).map_err(Failure)?,
        }
        Ok(())
    }

    displayed! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128,
        serialize_bool: bool,
    }

    fn serialize_f32(self, value: f32) -> Result<(), Failure> {
        self.key(|out| write_float32(value, out))
    }

    fn serialize_f64(self, value: f64) -> Result<(), Failure> {
        self.key(|out| write_float(value, out))
    }

    fn serialize_char(self, value: char) -> Result<(), Failure> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
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

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Failure> {
        value.serialize(self)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Failure> {
        unserializable()
    }

    fn serialize_none(self) -> Result<(), Failure> {
        unserializable()
    }

    fn serialize_unit(self) -> Result<(), Failure> {
        unserializable()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Failure> {
        unserializable()
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Failure> {
        unserializable()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Failure> {
        unserializable()
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Failure> {
        unserializable()
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Failure> {
        unserializable()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Failure> {
        unserializable()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Failure> {
        unserializable()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Failure> {
        unserializable()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Failure> {
        unserializable()
    }
}

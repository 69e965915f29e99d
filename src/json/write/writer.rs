//! The text that is being written.

use alloc::string::String;
use core::fmt::{self, Display, Write};

use serde::ser::Serialize;

use crate::error::Error;
use crate::json::canonical::canonicalize_into;
use crate::json::failure::Failure;
use crate::json::string::write_string;
use crate::limits::MAX_DEPTH;

/// What a writer has noticed.
pub(super) struct Written {
    /// Some text was embedded that was JSON already. It can contain a lone surrogate, which in a key of the outermost
    /// object could not be read back. It can also contain that object's keys.
    pub(super) embeds: bool,
    /// The position of the last value of the key that was looked for.
    pub(super) found: Option<usize>,
}

pub(super) struct Writer<'a> {
    pub(super) out: &'a mut String,
    /// Containers that may still be opened.
    pub(super) depth_left: usize,
    /// Its value before any was opened.
    max_depth: usize,
    /// A key to look for in the outermost object.
    key: &'a str,
    written: Written,
    /// The first error inside a container.
    pub(super) failure: Option<Error>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(max_depth: usize, key: &'a str, out: &'a mut String) -> Self {
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

    pub(super) fn write<T: Serialize + ?Sized>(mut self, value: &T) -> Result<Written, Error> {
        let written = value.serialize(&mut self).map_err(|Failure(error)| error);
        // If the value's `Serialize` ignored an error, the text is incomplete.
        self.failure.map_or(written, Err)?;
        Ok(self.written)
    }
}

impl Writer<'_> {
    pub(super) fn open(&mut self, bracket: char) -> Result<(), Failure> {
        self.depth_left = self
            .depth_left
            .checked_sub(1)
            .ok_or(Failure(Error::TooDeep { limit: MAX_DEPTH }))?;
        self.out.push(bracket);
        Ok(())
    }

    pub(super) fn close(&mut self, bracket: char) {
        self.depth_left += 1;
        self.out.push(bracket);
    }

    /// Writes the key of a map and its colon. Numbers and booleans become text, as in Python and `serde_json`.
    pub(super) fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failure> {
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
    pub(super) fn name(&mut self, name: &str) {
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
    pub(super) fn json<T: Serialize + ?Sized>(&mut self, text: &T) -> Result<(), Failure> {
        self.written.embeds = true;
        let mut json = String::new();
        write!(json, "{}", Text(text)).map_err(|_| Failure(Error::Unserializable))?;
        canonicalize_into(&json, self.depth_left, self.out).map_err(Failure)
    }

    /// Writes `{"variant":`.
    pub(super) fn open_variant(&mut self, variant: &str) -> Result<(), Failure> {
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

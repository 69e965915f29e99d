//! The members of objects and the elements of arrays, one after the other.

use serde::ser::{self, Serialize};

use super::writer::Writer;
use crate::error::Error;
use crate::json::failure::Failure;

/// The elements between two brackets.
pub(super) struct Elements<'w, 'a> {
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
    pub(super) fn new(writer: &'w mut Writer<'a>, end: &'static str) -> Self {
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
        self.writer.name(key);
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
        self.take(self.next == Next::Value, Next::Another, |writer| {
            value.serialize(writer)
        })
    }

    fn end(self) -> Result<(), Failure> {
        self.finish()
    }
}

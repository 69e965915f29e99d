//! The status that a call returns: a number with a name, as `hardtack.h` lists them.

use core::ffi::{CStr, c_int};

use hardtack::Error;

/// A status's number is its index here. From `EmptyKey` on, the names are those of [`Error::name`].
const NAMES: [&CStr; 28] = [
    c"Ok",
    c"BadArgument",
    c"Busy",
    c"MemoryTooSmall",
    c"BufferTooSmall",
    c"EmptyKey",
    c"ShortKey",
    c"RepetitiveKey",
    c"UntrimmedKey",
    c"InsecureKey",
    c"TooLong",
    c"BadSignature",
    c"Expired",
    c"SessionExpired",
    c"NotSigned",
    c"MalformedStamp",
    c"TimeOutOfRange",
    c"MalformedExpiry",
    c"MalformedBase64",
    c"MalformedZlib",
    c"MalformedJson",
    c"JsonTooLong",
    c"TooDeep",
    c"IntegerTooLong",
    c"NotAnObject",
    c"LoneSurrogate",
    c"NotFound",
    c"WrongType",
];

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Status(c_int);

impl Status {
    pub(crate) const OK: Self = Self(0);
    pub(crate) const BAD_ARGUMENT: Self = Self(1);
    pub(crate) const BUSY: Self = Self(2);
    pub(crate) const MEMORY_TOO_SMALL: Self = Self(3);
    pub(crate) const BUFFER_TOO_SMALL: Self = Self(4);
    pub(crate) const NOT_FOUND: Self = Self(26);
    pub(crate) const WRONG_TYPE: Self = Self(27);

    pub(crate) fn name(self) -> &'static CStr {
        let place = usize::try_from(self.0).ok();
        place
            .and_then(|at| NAMES.get(at).copied())
            .unwrap_or(c"Unknown")
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let name = error.name().as_bytes();
        let place = NAMES.iter().position(|known| known.to_bytes() == name);
        // An error that no reading call returns would still become a refusal.
        let number = place.and_then(|at| c_int::try_from(at).ok());
        number.map_or(Self::WRONG_TYPE, Self)
    }
}

impl From<Result<(), Status>> for Status {
    fn from(result: Result<(), Status>) -> Self {
        result.err().unwrap_or(Self::OK)
    }
}

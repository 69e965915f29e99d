//! The error of all stores.

use std::error::Error as StdError;
use std::fmt;

/// Why a store failed.
///
/// It is safe to log: its texts never contain a key, a session or a password. Servers quote values in their messages
/// (MySQL: "Duplicate entry '...'"), so this type does not keep a server's message, only its error code. It keeps an
/// error of the connection as its [`source`](StdError::source).
#[derive(Debug)]
pub struct Error {
    store: &'static str,
    kind: ErrorKind,
    code: Option<Box<str>>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no connection: the server is down, the address is wrong, or the connection broke.
    Unreachable,
    /// There was no answer in time, or no free connection. A record may or may not have been written. A database that
    /// is down is also reported in this way, because the pool keeps trying to connect until its timeout.
    TimedOut,
    /// The server refused the user, the password, the database, or the user's right to the table.
    AccessDenied,
    /// The table is missing, or its columns are not Django's.
    WrongTable,
    /// A value is too long for its column.
    TooLong,
    /// Another transaction has locked the table or the row. The operation can be repeated.
    Busy,
    /// The server refused the operation for another reason: see [`Error::code`].
    Refused,
    /// The server's answer is malformed, or does not fit the request.
    BadAnswer,
    /// The table's name is empty or too long, or has a character that a name must not have.
    InvalidTable,
    /// A file or the folder cannot be read or written.
    FileSystem,
    /// The cache's settings produce a key that the server does not accept, because it has more than 250 bytes or has
    /// white space.
    InvalidKey,
}

#[allow(dead_code, reason = "each store uses some")]
impl Error {
    /// Creates an error. `store` is the name of the server or engine, such as "PostgreSQL".
    pub(crate) fn new(store: &'static str, kind: ErrorKind) -> Self {
        Self {
            store,
            kind,
            code: None,
            source: None,
        }
    }

    /// Adds the server's error code. It must not be taken from a message.
    pub(crate) fn with_code(self, code: impl Into<Box<str>>) -> Self {
        Self {
            code: Some(code.into()),
            ..self
        }
    }

    /// Adds the error that caused this one. Its texts must not contain a key, a session or a password.
    pub(crate) fn with_source(self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..self
        }
    }

    /// Returns the store's name: "PostgreSQL", for example.
    pub fn store(&self) -> &'static str {
        self.store
    }

    /// Returns what went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns the server's error code, if there is one: the SQLSTATE of PostgreSQL, the number of MySQL or SQLite, the
    /// first word of an error of Redis, or the operating system's number of an error of a file.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

impl ErrorKind {
    const fn text(self) -> &'static str {
        match self {
            Self::Unreachable => "there is no connection to the server",
            Self::TimedOut => "there was no answer in time, or no free connection",
            Self::AccessDenied => {
                "the server refused the user, the password, the database or the user's rights"
            }
            Self::WrongTable => {
                "the table of the sessions is missing, or does not have Django's columns"
            }
            Self::TooLong => "a value is too long for its column",
            Self::Busy => "another transaction has locked the table or the row",
            Self::Refused => "the operation was refused",
            Self::BadAnswer => "the server's answer is malformed or does not fit the request",
            Self::InvalidTable => "no table can have this name",
            Self::FileSystem => "a file or the folder cannot be read or written",
            Self::InvalidKey => {
                "the cache's key prefix, version or key function produces a key that is too long or has white space"
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.store, self.kind.text())?;
        match &self.code {
            Some(code) => write!(f, " (error {code})"),
            None => Ok(()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

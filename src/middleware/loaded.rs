//! A request's session, and where it came from.

use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::error::Error;
use crate::log_id::LogId;
use crate::session::{Change, Session, SiteZone};
use crate::session_key::SessionKey;
use crate::signature;
use crate::timestamp::Timestamp;

/// A request's session, and where it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The handler's session. The response is made from the session that this field holds when the handler has
    /// returned. Assigning another session to it has the same effect as [`Session::flush`] followed by inserting that
    /// session's values.
    pub session: Session,
    pub(super) source: Source,
    /// The time zone of the store's site.
    pub(super) site_zone: Option<SiteZone>,
}

/// Where the session came from.
#[derive(Clone)]
pub(super) enum Source {
    Nothing,
    Cookie {
        signature: [u8; signature::LENGTH],
        issued_at: Timestamp,
        is_due: bool,
    },
    /// The record of a key.
    Record {
        key: SessionKey,
        /// The number of the load. A key's record may have other values at each load.
        load: usize,
        is_due: bool,
    },
    Refused {
        error: Error,
        /// The key of a record that cannot be read.
        record: Option<SessionKey>,
        /// Whether the request has another cookie of the same name that was not tried. A subdomain can hide the good
        /// cookie behind one of its own. A deletion would only reach the good one, which has this site's domain and
        /// path.
        may_hide_another: bool,
    },
}

impl Source {
    /// Returns a number with which the loaded session is marked, so that a session assigned in its place is noticed.
    fn origin(&self) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::Refused { .. } => 1,
            Self::Cookie { signature, .. } => {
                let first = signature.first_chunk().copied();
                u64::from_ne_bytes(first.unwrap_or_default())
            }
            Self::Record { load, .. } => *load as u64,
        }
    }
}

/// The number of the next load. 0 and 1 are the marks of requests without a session.
static LOADS: AtomicUsize = AtomicUsize::new(2);

/// Returns a number that no other load has.
pub(super) fn next_load() -> usize {
    LOADS.fetch_add(1, Ordering::Relaxed)
}

/// Shows where the session came from, but no part of the cookie or the key.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Cookie { issued_at, .. } => f
                .debug_struct("Cookie")
                .field("issued_at", issued_at)
                .finish_non_exhaustive(),
            Self::Record { .. } => f.write_str("Record"),
            Self::Refused { error, .. } => f.debug_tuple("Refused").field(error).finish(),
        }
    }
}

impl Loaded {
    pub(super) fn new(mut session: Session, source: Source) -> Self {
        session.origin = Some(source.origin());
        Self {
            session,
            source,
            site_zone: None,
        }
    }

    /// If the session is empty because the request's cookie was refused or its record cannot be read, returns the
    /// reason. This counts as reading the session: a page that says "your session has ended" depends on the cookie.
    pub fn refusal(&self) -> Option<Error> {
        self.session.mark_accessed();
        self.refused()
    }

    /// The same as [`refusal`](Self::refusal), but does not count as reading.
    pub(crate) fn refused(&self) -> Option<Error> {
        match self.source {
            Source::Refused { error, .. } => Some(error),
            _ => None,
        }
    }

    /// Returns when the request's cookie was signed, in whole seconds. Returns `None` if the request had no valid
    /// cookie, or if the session is in a store. This counts as reading the session.
    ///
    /// This is the time of the last save, not of the sign-in: every request that saves the session changes it.
    /// Therefore do not use it to implement "sign out everywhere". Use the login's hash ([`auth`](crate::auth)), or a
    /// time that the handler stores in the session at sign-in.
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.session.mark_accessed();
        match self.source {
            Source::Cookie { issued_at, .. } => Some(issued_at),
            _ => None,
        }
    }

    /// Returns the key under which the session was loaded from a store, or `None` if it was not. This counts as reading the
    /// session. The response may give the session another key.
    #[doc(alias = "session_key")]
    pub fn key(&self) -> Option<SessionKey> {
        self.session.mark_accessed();
        match &self.source {
            Source::Record { key, .. } => Some(key.clone()),
            _ => None,
        }
    }

    /// Returns an id of the request's cookie that is safe to log: requests with the same cookie have the same id, and
    /// it cannot be used to sign in. Each save changes the id, unless the session is in a store. Returns `None` if the
    /// request had no valid cookie, or no record has its key. The id is computed on each call, which does not count as
    /// reading.
    pub fn log_id(&self) -> Option<LogId> {
        match &self.source {
            Source::Cookie { signature, .. } => Some(LogId::of(signature)),
            Source::Record { key, .. }
            | Source::Refused {
                record: Some(key), ..
            } => Some(key.log_id()),
            Source::Nothing | Source::Refused { record: None, .. } => None,
        }
    }

    /// Returns whether another session was assigned in place of the loaded one.
    pub(super) fn is_replaced(&self) -> bool {
        self.session.origin != Some(self.source.origin())
    }

    /// Returns whether nothing of the loaded session remains: it was cleared, flushed or replaced.
    pub(super) fn is_discarded(&self) -> bool {
        self.session.cleared || self.is_replaced()
    }

    /// Returns whether the handler ended the session of the request, rather than just removing its keys.
    pub(super) fn is_flushed(&self) -> bool {
        let is_flushed = self.session.cleared && self.session.renews_key;
        !matches!(self.source, Source::Nothing) && (is_flushed || self.is_replaced())
    }

    /// Returns whether the handler changed the session.
    pub(crate) fn is_modified(&self) -> bool {
        self.session.change == Change::Handler || self.is_replaced()
    }
}

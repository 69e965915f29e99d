//! The session of a request whose cookie holds a key.

use core::time::Duration;

use super::keyed::KeyMiddleware;
use super::loaded::{Loaded, Source, next_load};
use crate::cookie;
use crate::error::Error;
use crate::session::Session;
use crate::session_key::SessionKey;
use crate::store::{Found, Load};
use crate::timestamp::Timestamp;

/// The key in a request's cookies, if there is one. Created by [`KeyMiddleware::lookup`].
#[derive(Clone, Debug)]
pub struct Lookup {
    candidate: Candidate,
    /// Whether another cookie of the request may be the session's, perhaps in another engine.
    may_hide_another: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Candidate {
    Nothing,
    NotAKey,
    Key(SessionKey),
}

impl Lookup {
    /// Returns the key, or `None` if there is nothing to look up.
    pub fn key(&self) -> Option<&SessionKey> {
        match &self.candidate {
            Candidate::Key(key) => Some(key),
            _ => None,
        }
    }
}

impl KeyMiddleware {
    /// Finds the session's key in a request's `Cookie` headers.
    ///
    /// If several cookies have the session cookie's name, the last one that has the form of a key
    /// ([`SessionKey::parse`]) is used, so that a request costs one look-up. Only the last
    /// [`MAX_COOKIE_CANDIDATES`](crate::limits::MAX_COOKIE_CANDIDATES) of them are considered. Django uses the last
    /// one, whatever its form.
    pub fn lookup<'h, H>(&self, headers: impl IntoIterator<Item = &'h H>) -> Lookup
    where
        H: AsRef<[u8]> + ?Sized + 'h,
    {
        let values = cookie::find(&self.settings.cookie.name, headers);
        let mut lookup = Lookup {
            candidate: Candidate::Nothing,
            may_hide_another: values.is_truncated(),
        };
        for value in values {
            let candidate = SessionKey::parse(&value).map_or(Candidate::NotAKey, Candidate::Key);
            match lookup.candidate {
                Candidate::Nothing => lookup.candidate = candidate,
                _ if candidate == lookup.candidate => {}
                Candidate::NotAKey => {
                    lookup.candidate = candidate;
                    lookup.may_hide_another = true;
                }
                Candidate::Key(_) => lookup.may_hide_another = true,
            }
        }
        lookup
    }

    /// Returns what to load, or `None` if there is nothing to look up.
    pub fn load<'a>(&self, lookup: &'a Lookup, now: impl Into<Timestamp>) -> Option<Load<'a>> {
        lookup.key().map(|key| Load {
            key,
            now: now.into(),
            default_age: self.settings.age,
        })
    }

    /// Returns the session of a request.
    ///
    /// - `found` is what the store found. It is ignored if there was nothing to look up. If the store itself failed, do
    ///   not call this method: such a request has no session at all, which is not the same as an empty one.
    /// - `empty` is the session of a visitor who has none yet
    ///   ([`SessionStore::new_session`](crate::SessionStore::new_session)). Its time zone applies to every session of
    ///   the request, including one that the handler assigns.
    ///
    /// [`Loaded::refusal`] returns why there is no session: [`Error::NotASessionKey`], [`Error::UnknownSessionKey`], or
    /// the error in `found`. In the last case the record is left alone, unless the handler clears or replaces the
    /// session.
    pub fn loaded(
        &self,
        lookup: Lookup,
        found: Result<Option<Found>, Error>,
        empty: Session,
        now: impl Into<Timestamp>,
    ) -> Loaded {
        let may_hide_another = lookup.may_hide_another;
        let refused = |error, record| Source::Refused {
            error,
            record,
            may_hide_another,
        };
        let site_zone = empty.site_zone.clone();
        let (session, source) = match (lookup.candidate, found) {
            (Candidate::Nothing, _) => (None, Source::Nothing),
            (Candidate::NotAKey, _) => (None, refused(Error::NotASessionKey, None)),
            (Candidate::Key(_), Ok(None)) => (None, refused(Error::UnknownSessionKey, None)),
            (Candidate::Key(key), Err(error)) => (None, refused(error, Some(key))),
            (Candidate::Key(key), Ok(Some(found))) => {
                let session = found.session.unchanged(site_zone.clone());
                let is_due = self.is_due(&session, found.expires_at, now.into());
                let load = next_load();
                (Some(session), Source::Record { key, load, is_due })
            }
        };
        let session = session.unwrap_or_else(|| empty.unchanged(None));
        Loaded {
            site_zone,
            ..Loaded::new(session, source)
        }
    }

    /// Returns whether a session is due for renewal: whether saving it now would move its end far enough.
    fn is_due(&self, session: &Session, expires_at: Option<Timestamp>, now: Timestamp) -> bool {
        let gain = self.end(session, now).map(|end| {
            expires_at.map_or(Duration::MAX, |expires_at| {
                end.saturating_duration_since(expires_at)
            })
        });
        gain.is_ok_and(|gain| self.settings.renews(gain))
    }
}

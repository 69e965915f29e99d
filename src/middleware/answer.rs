//! What a response says about its session.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::SessionMiddleware;
use super::loaded::{Loaded, Source};
use super::response::{Header, Response};
use crate::error::Error;
use crate::limits::DEFAULT_MAX_AGE;
use crate::timestamp::{MaxAge, Timestamp};

/// Another protocol takes over: there is no page that could carry a session, and no cache.
const SWITCHING_PROTOCOLS: u16 = 101;
/// Status from which on a response refuses the request: it never sends a session that nothing changed.
const CLIENT_ERROR: u16 = 400;
/// Status from which on a response is an error of the server: its session is not saved.
const SERVER_ERROR: u16 = 500;

/// What a response says about its session.
///
/// A framework's middleware copies the headers into its response:
///
/// ```
/// # use hardtack::Answer;
/// fn copy(answer: Answer, headers: &mut Vec<(&'static str, Vec<u8>)>) {
///     for header in answer.headers {
///         if header.replaces {
///             headers.retain(|(name, _)| *name != header.name);
///         }
///         headers.push((header.name, header.value));
///     }
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// Headers for the response, to be set in this order.
    pub headers: Vec<Header>,
    /// Whether the handler changed the session and this response does not send it, because of its status: 101, or 500 and
    /// above. Worth a line in the log.
    pub unsaved: bool,
    /// Why a session that nothing changed was not sent again, although a renewal or save-every-request asked for it. The
    /// browser keeps the cookie that it has, so this is worth a line in the log and no more.
    pub unsent: Option<Error>,
}

/// What is to become of the cookie.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Decision {
    Set,
    Delete,
    Nothing,
}

impl SessionMiddleware {
    /// What the response says about the session. It is told the response's status and headers, names and values as whatever
    /// gives text and bytes (an `http::HeaderMap`, a list of pairs of `&str`): all of them, or at least `Cache-Control`,
    /// `Set-Cookie` and `Vary`.
    ///
    /// | the session | the answer |
    /// |---|---|
    /// | changed, and now empty; a cookie came in | deletes it, at any status |
    /// | changed, and not empty; status below 500 | sets it; deletes it if its own expiry has passed |
    /// | not changed, not empty; save-every-request is on, or it was read and a renewal is due; status below 400, and the response is not for shared caches | sets it |
    /// | read only; the cookie that came in is forged or too old; status below 500, and the response is not for shared caches | deletes it |
    /// | otherwise | nothing |
    ///
    /// - A cookie that was refused for another reason (it is too long to look at, it is not signed, or it has a good
    ///   signature and a form that cannot be read here) is left alone, unless the handler writes a session of its own or
    ///   clears this one: a Django beside this service may well read it.
    /// - If the response has a `Set-Cookie` for the same cookie, a changed session takes its place, and any other adds
    ///   nothing.
    /// - The response varies on the cookie if the session was read or changed, or its cookie is set or deleted.
    /// - A response of status 101 says nothing.
    ///
    /// # Errors
    ///
    /// Only for a session that was changed. Then nothing is sent, and the browser keeps the session that it has.
    ///
    /// - those of [`SessionCodec::encode`](crate::SessionCodec::encode): above all [`Error::TooLong`];
    ///   [`SessionCodec::size_report`](crate::SessionCodec::size_report) names the keys that take the space
    /// - [`Error::MalformedExpiry`]: the handler wrote such an expiry
    /// - [`Error::CookieTooLarge`]: name and value are too large together
    pub fn answer<'h, N, V>(
        &self,
        loaded: &Loaded,
        status: u16,
        response_headers: impl IntoIterator<Item = (&'h N, &'h V)>,
        now: impl Into<Timestamp>,
    ) -> Result<Answer, Error>
    where
        N: AsRef<str> + ?Sized + 'h,
        V: AsRef<[u8]> + ?Sized + 'h,
    {
        let response = Response::read(response_headers, &self.settings.cookie);
        let is_modified = loaded.is_modified();
        // Asked before anything else is: writing the session is not reading it.
        let is_read = loaded.session.accessed() || is_modified;
        let wanted = self.wanted(loaded, is_modified, is_read);
        let decision = if is_allowed(wanted, is_modified, status, &response) {
            wanted
        } else {
            Decision::Nothing
        };

        let mut answer = Answer {
            unsaved: is_modified && decision != wanted,
            ..Answer::default()
        };
        let set_cookie = match decision {
            Decision::Nothing => None,
            Decision::Delete => Some(self.settings.deletion()?),
            Decision::Set => match self.set(loaded, now.into()) {
                Ok(header) => Some(header),
                Err(error) if !is_modified => {
                    answer.unsent = Some(error);
                    None
                }
                Err(Error::SessionExpired) => match loaded.source {
                    Source::Nothing => None,
                    _ => Some(self.settings.deletion()?),
                },
                Err(error) => return Err(error),
            },
        };
        let varies = is_read || set_cookie.is_some();
        if let Some(header) = set_cookie {
            let headers = response.with_cookie(header.into_bytes());
            answer.headers.extend(headers);
        }
        if varies && status != SWITCHING_PROTOCOLS {
            answer.headers.extend(response.vary_on_cookie());
        }
        Ok(answer)
    }

    /// What the session asks for. The response has its say in [`is_allowed`].
    fn wanted(&self, loaded: &Loaded, is_modified: bool, is_read: bool) -> Decision {
        let Loaded { session, .. } = loaded;
        if session.object.len() == 0 {
            let is_ended = match loaded.source {
                Source::Nothing => false,
                Source::Cookie { .. } => is_modified,
                Source::Refused(error) if error.is_useless_cookie() => is_read,
                // Another service may read it: only a handler that empties the session asks for its end.
                Source::Refused(_) => session.cleared || loaded.is_replaced(),
            };
            return if is_ended {
                Decision::Delete
            } else {
                Decision::Nothing
            };
        }
        let is_due = matches!(loaded.source, Source::Cookie { is_due: true, .. });
        if is_modified || self.settings.saves_every_request || is_due && is_read {
            Decision::Set
        } else {
            Decision::Nothing
        }
    }

    fn set(&self, loaded: &Loaded, now: Timestamp) -> Result<String, Error> {
        let value = self.codec.encode(&loaded.session, now)?;
        let max_age = self
            .settings
            .max_age(&loaded.session, self.default_age(), now)?;
        self.settings.set(value, max_age, now)
    }

    fn default_age(&self) -> Duration {
        match self.codec.max_age {
            MaxAge::Limit(age) => age,
            MaxAge::NoLimit => DEFAULT_MAX_AGE,
        }
    }
}

/// Whether a response may do what the session asks for. Below, what nothing changed is more careful than what the handler
/// wants: it must not undo another's word, be kept for all users, or reward a request that was refused.
fn is_allowed(decision: Decision, is_modified: bool, status: u16, response: &Response<'_>) -> bool {
    if status == SWITCHING_PROTOCOLS {
        return false;
    }
    match decision {
        Decision::Nothing => true,
        Decision::Delete if is_modified => true,
        Decision::Set if is_modified => status < SERVER_ERROR,
        _ if response.is_shared || response.sets_cookie => false,
        Decision::Delete => status < SERVER_ERROR,
        Decision::Set => status < CLIENT_ERROR,
    }
}

//! The headers that a response gets for its session.

use alloc::string::String;
use alloc::vec::Vec;

use super::response::{Header, Response};
use crate::error::Error;

/// The headers that a response gets for its session, and what the caller should log about it.
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
    /// Headers for the response, to be added in this order.
    pub headers: Vec<Header>,
    /// Whether the handler changed the session, but this response does not send it, because its status is 101, or 500
    /// and above, or because the session is new and its own expiry has already passed. The caller should log this.
    pub unsaved: bool,
    /// Why a session that the handler did not change was not sent again, although a renewal, save-every-request or
    /// [`AuthHasher::check`](crate::auth::AuthHasher::check) required it. The browser keeps its cookie, so logging this
    /// is enough.
    pub unsent: Option<Error>,
}

impl Answer {
    /// Adds `Set-Cookie` if there is one, and `Vary` if the response depends on the cookie.
    pub(super) fn add(
        &mut self,
        response: &Response<'_>,
        set_cookie: Option<String>,
        varies: bool,
    ) {
        let varies = varies || set_cookie.is_some();
        if let Some(header) = set_cookie {
            self.headers
                .extend(response.with_cookie(header.into_bytes()));
        }
        if varies {
            self.headers.extend(response.vary_on_cookie());
        }
    }
}

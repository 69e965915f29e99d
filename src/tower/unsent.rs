//! What happens to a response whose session cannot be sent.

use core::fmt;

use http::{Response, StatusCode};

use crate::error::Error;
use crate::middleware::SessionMiddleware;
use crate::report::SizeReport;
use crate::session::Session;
use crate::timestamp::Timestamp;

/// Why a session was not sent. The browser keeps its old one.
///
/// It is safe to log: it holds keys and their sizes, but no values.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Unsent {
    /// The error of [`SessionMiddleware::answer`](crate::SessionMiddleware::answer), or [`Error::ConflictingLayers`].
    pub error: Error,
    /// The sizes of the session's keys, if it was too large. The limit is reduced by the cookie's name.
    pub report: Option<SizeReport>,
}

impl Unsent {
    pub(super) fn new(
        error: Error,
        middleware: &SessionMiddleware,
        session: &Session,
        now: Timestamp,
    ) -> Self {
        let report = || {
            let report = middleware.codec.size_report(session, now).ok()?;
            Some(report.with_cookie_name(&middleware.settings.cookie.name))
        };
        Self {
            error,
            report: error.is_too_large().then(report).flatten(),
        }
    }

    pub(super) fn without_report(error: Error) -> Self {
        Self {
            error,
            report: None,
        }
    }
}

impl fmt::Display for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the session was not sent: {}", self.error)?;
        match &self.report {
            Some(report) => write!(f, " ({report})"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for Unsent {}

/// Makes the response if a session cannot be sent: [`Bare500`], or the function given to
/// [`SessionLayer::with_error_handler`](crate::tower::SessionLayer::with_error_handler).
///
/// It is implemented for these, and cannot be implemented outside this crate.
#[diagnostic::on_unimplemented(
    message = "`{Self}` makes no response with the body `{B}`",
    note = "the default error handler needs a body that implements `Default`; any other one goes with `SessionLayer::with_error_handler`"
)]
pub trait ErrorHandler<B>: sealed::Sealed<B> {
    /// Returns the response to send instead.
    fn handle(&self, unsent: Unsent, response: Response<B>) -> Response<B>;
}

/// The default error handler: it drops the response and sends a bare `500 Internal Server Error`, so that no page says
/// "saved" when nothing was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bare500;

impl<B: Default> ErrorHandler<B> for Bare500 {
    fn handle(&self, _: Unsent, _: Response<B>) -> Response<B> {
        let mut response = Response::new(B::default());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    }
}

impl<B, F: Fn(Unsent, Response<B>) -> Response<B>> ErrorHandler<B> for F {
    fn handle(&self, unsent: Unsent, response: Response<B>) -> Response<B> {
        self(unsent, response)
    }
}

mod sealed {
    use super::{Bare500, Response, Unsent};

    pub trait Sealed<B> {}

    impl<B: Default> Sealed<B> for Bare500 {}

    impl<B, F: Fn(Unsent, Response<B>) -> Response<B>> Sealed<B> for F {}
}

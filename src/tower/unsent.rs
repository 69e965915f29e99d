//! Why a session cannot be sent, and what makes the response in that case.

use core::fmt;

use http::{Response, StatusCode};

use super::engine::StoreFailure;
use crate::error::Error;
use crate::report::SizeReport;

/// Why a session was not sent. The browser keeps its old cookie.
///
/// It is safe to log: it holds the keys of the session's values and their sizes, but no values and no session key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Unsent {
    /// The error of [`SessionMiddleware::answer`](crate::SessionMiddleware::answer) or
    /// [`KeyMiddleware::answer`](crate::KeyMiddleware::answer), [`Error::StoreFailed`] if the session could not even be
    /// loaded, or [`Error::ConflictingLayers`]. [`Error::status`] is the status to answer with.
    pub error: Error,
    /// The sizes of the session and its keys, if it was too large: of its JSON text if the error is
    /// [`Error::JsonTooLong`], otherwise of the cookie's value, with a limit that is reduced by the length of the cookie's
    /// name.
    pub report: Option<SizeReport>,
    /// The store's own error, which [`source`](core::error::Error::source) returns.
    failure: Option<StoreFailure>,
}

impl Unsent {
    pub(super) fn new(error: Error) -> Self {
        Self {
            error,
            report: None,
            failure: None,
        }
    }

    pub(super) fn with_report(self, report: Option<SizeReport>) -> Self {
        Self { report, ..self }
    }

    pub(super) fn with_failure(self, failure: Option<StoreFailure>) -> Self {
        Self { failure, ..self }
    }
}

impl fmt::Display for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the session was not sent: ")?;
        match &self.report {
            Some(report) => write!(f, "it is too large: {report}"),
            None => self.error.fmt(f),
        }
    }
}

impl core::error::Error for Unsent {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        let failure = self.failure.as_deref()?;
        Some(failure)
    }
}

/// Makes the response when a session cannot be sent: [`BareStatus`], or the function given to
/// [`SessionLayer::with_error_handler`](crate::tower::SessionLayer::with_error_handler).
///
/// It is implemented for these, and cannot be implemented outside this crate.
#[diagnostic::on_unimplemented(
    message = "`{Self}` makes no response with the body `{B}`",
    note = "the default error handler needs a body that implements `Default`; for any other body, use `SessionLayer::with_error_handler`"
)]
pub trait ErrorHandler<B>: sealed::Sealed<B> {
    /// Returns the response to send instead.
    fn handle(&self, unsent: Unsent, response: Response<B>) -> Response<B>;
}

/// The default error handler: it drops the response and sends only the status of the error ([`Error::status`]), so that no
/// page says "saved" when nothing was.
#[derive(Clone, Copy, Debug, Default)]
pub struct BareStatus;

impl<B: Default> ErrorHandler<B> for BareStatus {
    fn handle(&self, unsent: Unsent, _: Response<B>) -> Response<B> {
        let mut response = Response::new(B::default());
        let status = StatusCode::from_u16(unsent.error.status());
        *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response
    }
}

impl<B, F: Fn(Unsent, Response<B>) -> Response<B>> ErrorHandler<B> for F {
    fn handle(&self, unsent: Unsent, response: Response<B>) -> Response<B> {
        self(unsent, response)
    }
}

mod sealed {
    use super::{BareStatus, Response, Unsent};

    pub trait Sealed<B> {}

    impl<B: Default> Sealed<B> for BareStatus {}

    impl<B, F: Fn(Unsent, Response<B>) -> Response<B>> Sealed<B> for F {}
}

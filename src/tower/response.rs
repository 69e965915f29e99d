//! The way out: the session's headers on the response.

use alloc::vec::Vec;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use http::header::{HeaderMap, HeaderValue, SET_COOKIE, VARY};
use http::{Response, StatusCode};
use pin_project_lite::pin_project;

use super::handle::SessionHandle;
use super::layer::SessionLayer;
use super::unsent::{ErrorHandler, Unsent};
use crate::error::Error;

pin_project! {
    /// The response of a [`SessionService`](crate::tower::SessionService), when it comes.
    #[must_use = "futures do nothing unless they are polled"]
    pub struct ResponseFuture<F, H> {
        #[pin]
        inner: F,
        session: SessionHandle,
        layer: SessionLayer<H>,
    }
}

impl<F, H> ResponseFuture<F, H> {
    pub(super) fn new(inner: F, session: SessionHandle, layer: SessionLayer<H>) -> Self {
        Self {
            inner,
            session,
            layer,
        }
    }
}

impl<F, H, B, E> Future for ResponseFuture<F, H>
where
    F: Future<Output = Result<Response<B>, E>>,
    H: ErrorHandler<B>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.inner.poll(context))?;
        Poll::Ready(Ok(finish(this.layer, this.session, response)))
    }
}

fn finish<B, H: ErrorHandler<B>>(
    layer: &SessionLayer<H>,
    session: &SessionHandle,
    mut response: Response<B>,
) -> Response<B> {
    // Another protocol takes over: there is no page that could carry a session, and no cache.
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return response;
    }
    let varies = match answer(layer, session, response.status()) {
        Ok((set_cookie, varies)) => {
            if let Some(set_cookie) = set_cookie {
                response.headers_mut().append(SET_COOKIE, set_cookie);
            }
            varies
        }
        Err(unsent) => {
            let sizes = unsent.report.as_ref().map(tracing::field::display);
            tracing::error!(target: "hardtack", error = %unsent.error, sizes, "a session was not sent");
            response = layer.error_handler.handle(unsent, response);
            // Whatever it says now, with another session it would have said something else.
            true
        }
    };
    if varies {
        vary_on_cookie(response.headers_mut());
    }
    response
}

/// The `Set-Cookie` header, if there is to be one, and whether the response varies on the cookie.
fn answer<H>(
    layer: &SessionLayer<H>,
    session: &SessionHandle,
    status: StatusCode,
) -> Result<(Option<HeaderValue>, bool), Unsent> {
    let now = layer.now();
    session.lend(|loaded| {
        let answered = layer.middleware.answer(loaded, status.as_u16(), now);
        let answered = answered.and_then(|answer| {
            let header = answer.set_cookie.map(HeaderValue::try_from).transpose();
            let mut header = header.map_err(|_| Error::InvalidCookieValue)?;
            if let Some(header) = &mut header {
                // Kept out of `Debug`, and of the tables of HTTP/2's compression.
                header.set_sensitive(true);
            }
            Ok((header, answer.vary))
        });
        answered.map_err(|error| Unsent::new(error, layer.middleware.codec(), &loaded.session, now))
    })
}

/// Adds `Cookie` to the `Vary` header, unless that says so already, or `*` (RFC 9110, section 12.5.5). Of several headers
/// the first one gets it.
fn vary_on_cookie(headers: &mut HeaderMap) {
    let says_so = |member: &[u8]| {
        let member = member.trim_ascii();
        member == b"*" || member.eq_ignore_ascii_case(b"cookie")
    };
    let mut known = headers.get_all(VARY).iter();
    if known.any(|line| line.as_bytes().split(|&byte| byte == b',').any(says_so)) {
        return;
    }
    match headers.get_mut(VARY) {
        Some(line) if !line.as_bytes().trim_ascii().is_empty() => {
            let joined: Vec<u8> = [line.as_bytes(), b", Cookie"].concat();
            // Two legal values and a comma are one.
            if let Ok(joined) = HeaderValue::try_from(joined) {
                *line = joined;
            }
        }
        Some(line) => *line = HeaderValue::from_static("Cookie"),
        None => {
            headers.insert(VARY, HeaderValue::from_static("Cookie"));
        }
    }
}

//! Adds the session's headers to the response.

use alloc::sync::Arc;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use http::Response;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use pin_project_lite::pin_project;

use super::pending::{PendingSession, Role};
use super::unsent::{ErrorHandler, Unsent};
use crate::error::Error;
use crate::handle::SessionHandle;
use crate::middleware::{Header, Response as SessionHeaders, SessionMiddleware};
use crate::timestamp::Timestamp;

/// The parts of a layer that each of its responses needs.
#[derive(Clone)]
pub(super) struct Common<H> {
    pub(super) middleware: Arc<SessionMiddleware>,
    pub(super) clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    pub(super) error_handler: H,
}

pin_project! {
    /// The future of a [`SessionService`](crate::tower::SessionService)'s response.
    #[must_use = "futures do nothing unless they are polled"]
    pub struct ResponseFuture<F, H> {
        #[pin]
        inner: F,
        pending: PendingSession,
        role: Role,
        common: Common<H>,
    }
}

impl<F, H> ResponseFuture<F, H> {
    pub(super) fn new(inner: F, pending: PendingSession, role: Role, common: Common<H>) -> Self {
        Self {
            inner,
            pending,
            role,
            common,
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
        let response = ready!(this.inner.poll(context));
        Poll::Ready(match (response, this.role) {
            (Ok(response), Role::Answers) => Ok(this.common.answer(this.pending, response)),
            (Ok(response), Role::Conflicts) => {
                let unsent = Unsent::without_report(Error::ConflictingLayers);
                Ok(this.common.refuse(unsent, response))
            }
            (Err(error), Role::Answers) => {
                let session = this.pending.loaded(false);
                if session.is_some_and(SessionHandle::give_up) {
                    unsaved();
                }
                Err(error)
            }
            (response, _) => response,
        })
    }
}

impl<H> Common<H> {
    fn answer<B>(&self, pending: &PendingSession, mut response: Response<B>) -> Response<B>
    where
        H: ErrorHandler<B>,
    {
        let saves_every_request = self.middleware.settings.saves_every_request;
        let Some(session) = pending.loaded(saves_every_request) else {
            return response;
        };
        let now = (self.clock)();
        let status = response.status().as_u16();
        let answer = session.answer(&self.middleware, status, response.headers(), now);
        match answer {
            Ok(answer) => {
                if answer.unsaved {
                    unsaved();
                }
                if let Some(error) = answer.unsent {
                    tracing::warn!(target: "hardtack", %error, "a session that nothing changed was not sent again");
                }
                set(response.headers_mut(), answer.headers);
                response
            }
            Err(error) => {
                let unsent =
                    session.read(|session| Unsent::new(error, &self.middleware, session, now));
                self.refuse(unsent, response)
            }
        }
    }

    /// Returns the error handler's response, which varies on the cookie: with another session it would be different.
    fn refuse<B>(&self, unsent: Unsent, response: Response<B>) -> Response<B>
    where
        H: ErrorHandler<B>,
    {
        let sizes = unsent.report.as_ref().map(tracing::field::display);
        tracing::error!(target: "hardtack", error = %unsent.error, sizes, "a session was not sent");
        let mut response = self.error_handler.handle(unsent, response);
        let cookie = &self.middleware.settings.cookie;
        let vary = SessionHeaders::read(response.headers(), cookie).vary_on_cookie();
        set(response.headers_mut(), vary);
        response
    }
}

fn unsaved() {
    tracing::warn!(target: "hardtack", "a session was changed, and its response does not save it");
}

fn set(headers: &mut HeaderMap, answer: impl IntoIterator<Item = Header>) {
    for header in answer {
        let name = HeaderName::from_static(header.name);
        // Never fails: the values are valid text of our own, or were headers before.
        let Ok(mut value) = HeaderValue::try_from(header.value) else {
            continue;
        };
        // Keeps cookies out of `Debug`, and out of the tables of HTTP/2's header compression.
        value.set_sensitive(name == http::header::SET_COOKIE);
        if header.replaces {
            headers.remove(&name);
        }
        headers.append(name, value);
    }
}

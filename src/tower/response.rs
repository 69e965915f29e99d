//! Saves the session when the service has returned its response, and adds the session's headers.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use http::Response;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use pin_project_lite::pin_project;

use super::engine::{BoxFuture, Done, Engine, StoreFailure, log_failure};
use super::pending::{PendingSession, Role};
use super::unsent::{ErrorHandler, Unsent};
use crate::error::Error;
use crate::handle::SessionHandle;
use crate::middleware::{
    Answer, Header, Outcome, Response as SessionHeaders, Step, sends_unchanged,
};
use crate::timestamp::Timestamp;

/// The parts of a layer that each of its responses needs.
#[derive(Clone)]
pub(super) struct Common<H> {
    pub(super) engine: Arc<Engine>,
    pub(super) clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    pub(super) error_handler: H,
}

pin_project! {
    /// The future of a [`SessionService`](crate::tower::SessionService)'s response.
    ///
    /// If it is dropped while a store saves the session, the store may or may not have saved it.
    #[must_use = "futures do nothing unless they are polled"]
    pub struct ResponseFuture<F, H, B> {
        #[pin]
        inner: F,
        pending: PendingSession,
        role: Role,
        common: Common<H>,
        // The response, and what it waits for.
        waiting: Option<(Response<B>, BoxFuture<'static, Done>)>,
    }
}

/// What to do with a response.
enum Next<B> {
    Send(Response<B>),
    /// Wait for the store.
    Wait(Response<B>, BoxFuture<'static, Done>),
}

impl<F, H, B> ResponseFuture<F, H, B> {
    pub(super) fn new(inner: F, pending: PendingSession, role: Role, common: Common<H>) -> Self {
        Self {
            inner,
            pending,
            role,
            common,
            waiting: None,
        }
    }
}

impl<F, H, B, E> Future for ResponseFuture<F, H, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    H: ErrorHandler<B>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut next = if let Some((response, waiting)) = this.waiting.take() {
            Next::Wait(response, waiting)
        } else {
            match (ready!(this.inner.poll(context)), &this.role) {
                (Ok(response), Role::Answers) => this.common.begin(this.pending, response),
                (Ok(response), Role::Conflicts) => {
                    let unsent = Unsent::new(Error::ConflictingLayers);
                    Next::Send(this.common.refuse(unsent, response))
                }
                (Err(error), Role::Answers) => {
                    if this.pending.loaded().is_some_and(SessionHandle::give_up) {
                        unsaved();
                    }
                    return Poll::Ready(Err(error));
                }
                (result, Role::Defers) | (result @ Err(_), Role::Conflicts) => {
                    return Poll::Ready(result);
                }
            }
        };
        loop {
            next = match next {
                Next::Send(response) => return Poll::Ready(Ok(response)),
                Next::Wait(response, mut waiting) => match waiting.as_mut().poll(context) {
                    Poll::Ready(None) => this.common.step(this.pending, response),
                    Poll::Ready(Some((step, outcome))) => {
                        Next::Send(this.common.finish(this.pending, response, step, outcome))
                    }
                    Poll::Pending => {
                        *this.waiting = Some((response, waiting));
                        return Poll::Pending;
                    }
                },
            };
        }
    }
}

impl<H> Common<H> {
    /// If every request saves its session and this response can, loads it first.
    fn begin<B>(&self, pending: &PendingSession, response: Response<B>) -> Next<B>
    where
        H: ErrorHandler<B>,
    {
        let is_loaded = pending.loaded().is_some() || pending.failure().is_some();
        let is_saved = self.engine.settings().saves_every_request
            && sends_unchanged(response.status().as_u16());
        if is_loaded || !is_saved {
            return self.step(pending, response);
        }
        let pending = pending.clone();
        let load = async move {
            drop(pending.load().await);
            None
        };
        Next::Wait(response, Box::pin(load))
    }

    /// Decides what to do with the session, if it is loaded.
    fn step<B>(&self, pending: &PendingSession, response: Response<B>) -> Next<B>
    where
        H: ErrorHandler<B>,
    {
        let Some(session) = pending.loaded() else {
            return Next::Send(match pending.failure() {
                Some(failure) => {
                    let unsent = Unsent::new(Error::StoreFailed).with_failure(Some(failure));
                    self.refuse(unsent, response)
                }
                None => response,
            });
        };
        let now = (self.clock)();
        let (status, headers) = (response.status().as_u16(), response.headers());
        match &*self.engine {
            Engine::Cookie(middleware) => {
                let answer = session.answer(middleware, status, headers, now);
                let answer = answer.map_err(|error| self.unsent(error, session));
                Next::Send(self.send(response, answer))
            }
            Engine::Stored { middleware, store } => {
                match session.step(middleware, status, headers, now) {
                    Ok(step) => Next::Wait(response, Arc::clone(store).run(step)),
                    Err(error) => Next::Send(self.refuse(self.unsent(error, session), response)),
                }
            }
        }
    }

    /// Makes the response after the store has run the step, or has failed to.
    fn finish<B>(
        &self,
        pending: &PendingSession,
        response: Response<B>,
        step: Step,
        outcome: Result<Outcome, StoreFailure>,
    ) -> Response<B>
    where
        H: ErrorHandler<B>,
    {
        let (Engine::Stored { middleware, .. }, Some(session)) = (&*self.engine, pending.loaded())
        else {
            return response;
        };
        let (outcome, failure) = match outcome {
            Ok(outcome) => (outcome, None),
            Err(failure) => {
                log_failure(&failure);
                (Outcome::Failed(Error::StoreFailed), Some(failure))
            }
        };
        let answer = middleware.answer(step, outcome, response.headers());
        let answer = answer.map_err(|error| self.unsent(error, session).with_failure(failure));
        self.send(response, answer)
    }

    fn unsent(&self, error: Error, session: &SessionHandle) -> Unsent {
        let report = session.read(|session| self.engine.size_report(error, session));
        Unsent::new(error).with_report(report)
    }

    /// Adds the session's headers to the response, or lets the error handler make another response.
    fn send<B>(&self, mut response: Response<B>, answer: Result<Answer, Unsent>) -> Response<B>
    where
        H: ErrorHandler<B>,
    {
        let answer = match answer {
            Ok(answer) => answer,
            Err(unsent) => return self.refuse(unsent, response),
        };
        if answer.unsaved {
            unsaved();
        }
        if let Some(error) = answer.unsent {
            tracing::warn!(target: "hardtack", %error, "a session that no handler changed was not sent again");
        }
        set(response.headers_mut(), answer.headers);
        response
    }

    /// Returns the error handler's response, which varies on the cookie: with another session it would be different.
    fn refuse<B>(&self, unsent: Unsent, response: Response<B>) -> Response<B>
    where
        H: ErrorHandler<B>,
    {
        // The error of a session that is too large has sizes of its own, without the cookie's name.
        if let Some(sizes) = &unsent.report {
            tracing::error!(target: "hardtack", %sizes, "a session was not sent: it is too large");
        } else {
            tracing::error!(target: "hardtack", error = %unsent.error, "a session was not sent");
        }
        let mut response = self.error_handler.handle(unsent, response);
        let cookie = &self.engine.settings().cookie;
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
        // Never fails: this crate wrote the value, or it was a header before.
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

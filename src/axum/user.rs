//! The signed-in user as an argument of axum's handlers.

use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts, OriginalUri};
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;
use http::{Method, StatusCode, header};

use super::next::login_url;
use crate::auth::AuthHasher;
use crate::error::Error;
use crate::handle::SessionHandle;

const LOGIN_URL: &str = "/login";

/// How an app loads its users, for [`SignedIn`] and [`LoginRequired`].
///
/// It is the router's state, or is made from it by [`FromRef`], once for each extraction. An [`Arc`] of a loader is a
/// loader, too.
#[doc(alias("get_user", "AuthUser", "AuthnBackend"))]
pub trait UserLoader: Send + Sync {
    /// A user, as the handlers get it.
    type User;

    /// Why no user could be loaded: the database does not answer, for example. It becomes the response, usually with
    /// status 500 or 503; the session is left as it is.
    type Error: IntoResponse;

    /// Returns the hasher that made the logins' hashes. Create it once, since that derives its keys.
    fn hasher(&self) -> &AuthHasher;

    /// Returns the user with this id, or `None` if there is none, or if the user may not sign in (Django's `is_active`):
    /// the session is then flushed. An implementation writes it as `async fn`.
    ///
    /// `id` is the text that was passed to [`Session::set_auth_user`](crate::Session::set_auth_user), in Django the
    /// primary key.
    ///
    /// # Errors
    ///
    /// The app's own. Do not return `None` instead of an error: that would end the sessions of existing users.
    fn active_user(
        &self,
        id: &str,
    ) -> impl Future<Output = Result<Option<Self::User>, Self::Error>> + Send;

    /// Returns the text that the login's hash was made from: the user's encoded password, in Django the column `password`
    /// ([`AuthHasher::hash`]).
    fn password(user: &Self::User) -> &str;

    /// Returns whether logins of this backend are accepted (Django's `AUTHENTICATION_BACKENDS`). By default, all are. For
    /// a login that is not accepted, no user is signed in, and the session is kept.
    fn accepts_backend(&self, backend: &str) -> bool {
        let _ = backend;
        true
    }

    /// Returns the path of the login page, for [`LoginRequired`] (Django's `LOGIN_URL`). It defaults to `/login`.
    fn login_url(&self) -> &str {
        LOGIN_URL
    }
}

impl<L: UserLoader> UserLoader for Arc<L> {
    type User = L::User;
    type Error = L::Error;

    fn hasher(&self) -> &AuthHasher {
        (**self).hasher()
    }

    fn active_user(
        &self,
        id: &str,
    ) -> impl Future<Output = Result<Option<Self::User>, Self::Error>> + Send {
        (**self).active_user(id)
    }

    fn password(user: &Self::User) -> &str {
        L::password(user)
    }

    fn accepts_backend(&self, backend: &str) -> bool {
        (**self).accepts_backend(backend)
    }

    fn login_url(&self) -> &str {
        (**self).login_url()
    }
}

/// Extracts the signed-in user, or answers with status 401. `Option<SignedIn<L>>` is `None` instead.
///
/// The login in the session is checked by [`AuthHasher::check`]: a login that has ended is flushed from the session, and
/// one of a fallback key is rewritten under the signing key.
///
/// The 401 has `WWW-Authenticate: Cookie`, since a 401 needs that header (RFC 9110, section 15.5.2) and no registered
/// scheme describes a session.
pub struct SignedIn<L: UserLoader>(pub L::User);

/// Extracts the signed-in user as [`SignedIn`] does, or redirects to the login page with status 303.
///
/// After a `GET` or `HEAD`, the login page gets the request's path and query as `next`
/// ([`login_url`]), as in Django's `login_required`. After any other method it gets none, unlike in Django: the redirect
/// back is a `GET`, which a path that receives forms may not answer, and the form's content is lost anyway. With status
/// 303, browsers request the login page with a `GET`, whatever the method was (RFC 9110, section 15.4.4).
#[doc(alias = "login_required")]
pub struct LoginRequired<L: UserLoader>(pub L::User);

/// Why a handler was not called.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserRejection<E> {
    /// No user is signed in: status 401.
    NotSignedIn,
    /// No user is signed in: a redirect to the login page.
    LoginRequired {
        /// The login page, with `next`.
        location: String,
    },
    /// The session could not be loaded or read. The response is [`Error`]'s.
    Session(Error),
    /// The user could not be loaded: [`UserLoader::Error`], which is also the response.
    Loader(E),
}

impl<S, L> FromRequestParts<S> for SignedIn<L>
where
    S: Send + Sync,
    L: UserLoader + FromRef<S>,
{
    type Rejection = UserRejection<L::Error>;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let user = load(&L::from_ref(state), parts, state).await?;
        user.map(Self).ok_or(UserRejection::NotSignedIn)
    }
}

impl<S, L> OptionalFromRequestParts<S> for SignedIn<L>
where
    S: Send + Sync,
    L: UserLoader + FromRef<S>,
{
    type Rejection = UserRejection<L::Error>;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> Result<Option<Self>, Self::Rejection> {
        let user = load(&L::from_ref(state), parts, state).await?;
        Ok(user.map(Self))
    }
}

impl<S, L> FromRequestParts<S> for LoginRequired<L>
where
    S: Send + Sync,
    L: UserLoader + FromRef<S>,
{
    type Rejection = UserRejection<L::Error>;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let loader = L::from_ref(state);
        let user = load(&loader, parts, state).await?;
        user.map(Self).ok_or_else(|| UserRejection::LoginRequired {
            location: login_page(loader.login_url(), parts),
        })
    }
}

/// Returns the user whose login is in the session, if it is still valid.
async fn load<S: Send + Sync, L: UserLoader>(
    loader: &L,
    parts: &mut Parts,
    state: &S,
) -> Result<Option<L::User>, UserRejection<L::Error>> {
    let session = <SessionHandle as FromRequestParts<S>>::from_request_parts(parts, state).await;
    let session = session.map_err(UserRejection::Session)?;
    let (id, backend) =
        session.read(|session| (session.auth_user_id(), session.auth_user_backend()));
    let Some(id) = id.map_err(UserRejection::Session)? else {
        return Ok(None);
    };
    // A backend that is missing or not text is for `check` to refuse.
    if matches!(backend, Ok(Some(backend)) if !loader.accepts_backend(&backend)) {
        return Ok(None);
    }
    let user = loader
        .active_user(&id)
        .await
        .map_err(UserRejection::Loader)?;
    let password = user.as_ref().map(L::password);
    let is_valid = session.write(|session| loader.hasher().check(session, password));
    let is_valid = is_valid.map_err(UserRejection::Session)?;
    Ok(user.filter(|_| is_valid))
}

/// Returns the address of the login page for a request.
fn login_page(login: &str, parts: &Parts) -> String {
    if ![Method::GET, Method::HEAD].contains(&parts.method) {
        return login.into();
    }
    // A nested router is called with the rest of the path.
    let original = parts.extensions.get().map(|OriginalUri(uri)| uri);
    let uri = original.unwrap_or(&parts.uri);
    login_url(login, uri.path_and_query().map_or("", |next| next.as_str()))
}

impl<E: IntoResponse> IntoResponse for UserRejection<E> {
    fn into_response(self) -> Response {
        match self {
            Self::NotSignedIn => {
                let challenge = [(header::WWW_AUTHENTICATE, "Cookie")];
                (StatusCode::UNAUTHORIZED, challenge, "not signed in").into_response()
            }
            Self::LoginRequired { location } => Redirect::to(&location).into_response(),
            Self::Session(error) => error.into_response(),
            Self::Loader(error) => error.into_response(),
        }
    }
}

impl<E: fmt::Display> fmt::Display for UserRejection<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSignedIn | Self::LoginRequired { .. } => f.write_str("not signed in"),
            Self::Session(error) => error.fmt(f),
            Self::Loader(error) => error.fmt(f),
        }
    }
}

impl<E: core::error::Error> core::error::Error for UserRejection<E> {}

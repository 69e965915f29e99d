//! Who sent a request: what the session says, held against the account as it is now.

use std::sync::Arc;

use axum::extract::{Extension, FromRequestParts};
use axum::http::request::Parts;
use hardtack::{Error, Session, SessionHandle};

use crate::keys::Keys;
use crate::users::User;
use crate::{App, Failure};

/// An argument of every handler that has to know who is there.
pub(crate) struct Visitor {
    pub(crate) session: SessionHandle,
    pub(crate) keys: Arc<Keys>,
    /// The account, if the visitor is signed in.
    pub(crate) user: Option<User>,
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let session = SessionHandle::from_request_parts(parts, app).await?;
        let Extension(keys) = Extension::<Arc<Keys>>::from_request_parts(parts, app).await?;
        let user = signed_in(app, &keys, &session)?;
        Ok(Self {
            session,
            keys,
            user,
        })
    }
}

/// The signature of the cookie says that this session was ours. The account says whether its login still counts: the
/// account is there, and has the same password and no "sign out everywhere" since. If not, the session is flushed.
fn signed_in(app: &App, keys: &Keys, session: &SessionHandle) -> Result<Option<User>, Error> {
    let Some(id) = session.read(Session::auth_user_id)? else {
        return Ok(None);
    };
    let user = app.users.by_id(&id);
    let text = user.as_ref().map(User::login_text);
    let is_signed_in = session.write(|session| keys.hasher.check(session, text.as_deref()))?;
    Ok(user.filter(|_| is_signed_in))
}

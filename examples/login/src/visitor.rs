//! Who sent a request: what the session says, held against the account as it is now.

use std::sync::Arc;

use axum::extract::{Extension, FromRequestParts};
use axum::http::request::Parts;
use hardtack::tower::SessionHandle;
use hardtack::{Error, Session, Timestamp};

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

/// The signature of the cookie says that this session was ours. The account says whether it still counts:
///
/// - it is there,
/// - the cookie was not signed before the last "sign out everywhere",
/// - the login began after that, and with the password that the account has now.
///
/// If not, the session ends here, and with it whatever else it holds.
fn signed_in(app: &App, keys: &Keys, session: &SessionHandle) -> Result<Option<User>, Error> {
    let login = session.read(|session| {
        let id = session.auth_user_id()?;
        let hash = session.auth_user_hash()?;
        Ok::<_, Error>(id.zip(hash))
    })?;
    let Some((id, hash)) = login else {
        return Ok(None);
    };
    let issued_at = session.issued_at().map(Timestamp::as_unix_seconds);
    let account = app
        .users
        .by_id(&id)
        .filter(|user| issued_at.is_some_and(|instant| !user.has_ended(instant)))
        .and_then(|user| {
            let key = keys.hasher.verify(&user.login_text(), &hash).ok()?;
            Some((user, key))
        });
    let Some((user, key)) = account else {
        session.write(Session::flush);
        return Ok(None);
    };
    if key > 0 {
        // By an old key, which will be retired: from now on by the one that signs.
        let hash = keys.hasher.hash(&user.login_text());
        session.write(|session| session.set_auth_user_hash(&hash))?;
    }
    Ok(Some(user))
}

//! Who sent a request: the login in its session, checked against the account.

use std::sync::Arc;

use axum::extract::FromRef;
use hardtack::auth::AuthHasher;
use hardtack::axum::{LoginRequired, SignedIn, UserLoader};

use crate::keys::Keys;
use crate::users::User;
use crate::{App, Failure};

/// An argument of the handlers that show who is signed in, or change the session: a login that has ended is flushed from
/// it first.
pub(crate) type Visitor = Option<SignedIn<Loader>>;

/// An argument of the handlers that need an account.
pub(crate) type Member = LoginRequired<Loader>;

/// The accounts, and the keys of this moment.
pub(crate) struct Loader {
    app: Arc<App>,
    keys: Arc<Keys>,
}

impl FromRef<Arc<App>> for Loader {
    fn from_ref(app: &Arc<App>) -> Self {
        Self {
            app: Arc::clone(app),
            keys: app.keys.current(),
        }
    }
}

impl UserLoader for Loader {
    type User = User;
    type Error = Failure;

    fn hasher(&self) -> &AuthHasher {
        &self.keys.hasher
    }

    async fn active_user(&self, id: &str) -> Result<Option<User>, Failure> {
        self.app.users.by_id(id).await
    }

    fn password(user: &User) -> &str {
        &user.login_text
    }

    fn login_url(&self) -> &'static str {
        "/sign-in"
    }
}

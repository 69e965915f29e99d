//! Django's users: the table `auth_user`, whose passwords and logins are checked as Django does.

use std::error::Error;

use hardtack::auth::AuthHasher;
use hardtack::{Error as SessionError, KeyRing, SessionHandle};
use sqlx::SqlitePool;
use tokio::task::spawn_blocking;

/// Django's default in `AUTHENTICATION_BACKENDS`.
const BACKEND: &str = "django.contrib.auth.backends.ModelBackend";

#[derive(Clone)]
pub struct Users {
    database: SqlitePool,
    hasher: AuthHasher,
}

impl Users {
    pub fn new(database: SqlitePool, keys: &KeyRing) -> Self {
        let hasher = AuthHasher::new(keys);
        Self { database, hasher }
    }

    /// Returns the name of the signed-in user (`get_user` in `django/contrib/auth/__init__.py`).
    pub async fn signed_in(
        &self,
        session: &SessionHandle,
    ) -> Result<Option<String>, Box<dyn Error>> {
        const QUERY: &str = "SELECT username, password FROM auth_user WHERE id = ? AND is_active";
        let login = session.read(|session| {
            let id = session.auth_user_id()?;
            Ok::<_, SessionError>(id.zip(session.auth_user_backend()?))
        })?;
        let Some((id, _)) = login.filter(|(_, backend)| backend == BACKEND) else {
            return Ok(None);
        };
        let row: Option<(String, String)> = match id.parse::<i64>() {
            Ok(id) => {
                sqlx::query_as(QUERY)
                    .bind(id)
                    .fetch_optional(&self.database)
                    .await?
            }
            Err(_) => None,
        };
        let (name, password) = row.unzip();
        let is_valid = session.write(|session| self.hasher.check(session, password.as_deref()))?;
        Ok(name.filter(|_| is_valid))
    }

    /// Signs a user in (`authenticate` and `login`). Returns whether name and password are right.
    pub async fn sign_in(
        &self,
        session: &SessionHandle,
        name: &str,
        password: String,
    ) -> Result<bool, Box<dyn Error>> {
        const QUERY: &str = "SELECT id, password FROM auth_user WHERE username = ? AND is_active";
        let row = sqlx::query_as(QUERY)
            .bind(name)
            .fetch_optional(&self.database);
        let Some((id, encoded)): Option<(i64, String)> = row.await? else {
            return Ok(false);
        };
        let hash = self.hasher.hash(&encoded);
        // A password's hash takes a while.
        let check = move || djangohashers::check_password(&password, &encoded);
        let is_right = matches!(spawn_blocking(check).await?, Ok(true));
        if is_right {
            session.write(|session| session.set_auth_user(&id.to_string(), BACKEND, &hash))?;
        }
        Ok(is_right)
    }
}

//! Who is signed in. A good signature says that Django wrote the login once, the user's row whether it still counts. The
//! steps are those of `get_user` in `django/contrib/auth/__init__.py`.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use hardtack::auth::AuthHasher;
use hardtack::tower::SessionHandle;
use hardtack::{Error, KeyRing, Session};
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use tokio::task::spawn_blocking;

use crate::failure::Failure;

/// Django's `AUTHENTICATION_BACKENDS`.
const BACKEND: &str = "django.contrib.auth.backends.ModelBackend";

/// The signed-in user, in a request's extensions.
#[derive(Clone)]
pub struct User {
    pub id: i64,
    pub name: String,
}

/// Django's users, and the keys that their logins are checked with.
#[derive(Clone)]
pub struct Users {
    database: Arc<Mutex<Connection>>,
    hasher: AuthHasher,
}

impl Users {
    pub fn open(path: String, keys: &KeyRing) -> rusqlite::Result<Self> {
        let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        Ok(Self {
            database: Arc::new(Mutex::new(database)),
            hasher: AuthHasher::new(keys),
        })
    }

    async fn signed_in(&self, session: &SessionHandle) -> Result<Option<User>, Failure> {
        let (id, backend, hash) = session.read(|session| {
            let (id, backend) = (session.auth_user_id()?, session.auth_user_backend()?);
            Ok::<_, Error>((id, backend, session.auth_user_hash()?.unwrap_or_default()))
        })?;
        let Some(id) = id.and_then(|id| id.parse().ok()) else {
            return Ok(None);
        };
        if backend.as_deref() != Some(BACKEND) {
            return Ok(None);
        }
        let Some((name, password)) = self.find_active(id).await? else {
            return Ok(None);
        };
        match self.hasher.verify(&password, &hash) {
            Ok(0) => {}
            Ok(_) => {
                // Made with a fallback key: under the new one it outlives the old.
                let hash = self.hasher.hash(&password);
                session.write(|session| session.set_auth_user_hash(&hash))?;
            }
            Err(_) => {
                // The password has changed since: what is left of the session is nobody's.
                session.write(Session::flush);
                return Ok(None);
            }
        }
        Ok(Some(User { id, name }))
    }

    /// Name and password hash of an active user.
    async fn find_active(&self, id: i64) -> Result<Option<(String, String)>, Failure> {
        const QUERY: &str = "SELECT coalesce(nullif(first_name, ''), username), password \
                             FROM auth_user WHERE id = ?1 AND is_active";
        let database = Arc::clone(&self.database);
        let find = move || {
            let database = database.lock().unwrap_or_else(PoisonError::into_inner);
            let row = database.query_row(QUERY, [id], |row| Ok((row.get(0)?, row.get(1)?)));
            row.optional()
        };
        Ok(spawn_blocking(find).await??)
    }
}

/// Every page passes here, not only those that show a name: a session whose login has ended is not saved again.
pub async fn check(
    State(users): State<Users>,
    session: SessionHandle,
    mut request: Request,
    next: Next,
) -> Result<Response, Failure> {
    if let Some(user) = users.signed_in(&session).await? {
        request.extensions_mut().insert(user);
    }
    Ok(next.run(request).await)
}

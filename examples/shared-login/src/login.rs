//! Who is signed in. A good signature says that Django wrote the login once; the user's row says whether it still counts.
//! The steps are those of `get_user` in `django/contrib/auth/__init__.py`.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use hardtack::auth::AuthHasher;
use hardtack::{Error, KeyRing, SessionHandle};
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
        let login = session.read(|session| {
            let id = session.auth_user_id()?;
            Ok::<_, Error>(id.zip(session.auth_user_backend()?))
        })?;
        let Some((id, _)) = login.filter(|(_, backend)| backend == BACKEND) else {
            return Ok(None);
        };
        let row = match id.parse() {
            Ok(id) => self.find_active(id).await?,
            Err(_) => None,
        };
        let password = row.as_ref().map(|(_, password)| password.as_str());
        let is_signed_in = session.write(|session| self.hasher.check(session, password))?;
        Ok(row.filter(|_| is_signed_in).map(|(user, _)| user))
    }

    /// An active user, and the encoded password.
    async fn find_active(&self, id: i64) -> Result<Option<(User, String)>, Failure> {
        const QUERY: &str = "SELECT coalesce(nullif(first_name, ''), username), password \
                             FROM auth_user WHERE id = ?1 AND is_active";
        let database = Arc::clone(&self.database);
        let find = move || {
            let database = database.lock().unwrap_or_else(PoisonError::into_inner);
            let row = database.query_row(QUERY, [id], |row| {
                let name = row.get(0)?;
                Ok((User { id, name }, row.get(1)?))
            });
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

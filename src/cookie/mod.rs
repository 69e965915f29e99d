//! Cookies in headers: writing `Set-Cookie`, and reading `Cookie`.
//!
//! - [`SetCookie`](crate::SetCookie), [`SameSite`](crate::SameSite): one cookie with its attributes, checked against the
//!   rules of browsers, which silently drop cookies that break them
//! - [`find`]: the values of the cookies with one name in the headers of a request
//!
//! Nothing here depends on sessions, so you can use your framework's cookie type instead.
//!
//! ```
//! use hardtack::{SetCookie, cookie};
//!
//! let header = SetCookie::new("sessionid").with_value("e30:1r31eq:signature").to_header()?;
//! assert_eq!(header, "sessionid=e30:1r31eq:signature; HttpOnly; Path=/; SameSite=Lax; Secure");
//!
//! let came_back = ["theme=dark; sessionid=e30:1r31eq:signature"];
//! let value = cookie::find("sessionid", came_back).next();
//! assert_eq!(value.as_deref(), Some("e30:1r31eq:signature"));
//! # Ok::<(), hardtack::Error>(())
//! ```

mod header;
mod http_date;
mod rules;
pub(crate) mod set_cookie;

pub use header::{Candidates, find};

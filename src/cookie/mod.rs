//! The cookie around the value: the `Set-Cookie` header that sends it, and its way back out of `Cookie` headers.
//!
//! - [`SetCookie`](crate::SetCookie), [`SameSite`](crate::SameSite): one cookie with its attributes, checked against the
//!   rules of browsers, which silently drop what breaks them
//! - [`find`]: the values of one name in the headers of a request
//!
//! Nothing here knows what a session is, so you can use your framework's own cookie type instead.
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

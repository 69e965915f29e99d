//! Sessions for any framework: decides which cookie of a request to trust, and whether the response sets the cookie,
//! deletes it or leaves it alone (`SessionMiddleware` in `django/contrib/sessions/middleware.py`).

mod answer;
mod cookie;
mod decision;
mod keyed;
mod loaded;
mod lookup;
mod response;
mod step;

pub use answer::Answer;
pub use cookie::SessionMiddleware;
#[cfg(feature = "tower")]
pub(crate) use decision::sends_unchanged;
pub use keyed::KeyMiddleware;
pub use loaded::Loaded;
pub use lookup::Lookup;
pub use response::Header;
#[cfg(feature = "tower")]
pub(crate) use response::Response;
pub use step::{Action, Outcome, Step};

//! Sessions as Python pickles, which Django's cache backends keep.
//!
//! Only plain data is read and written: dicts with text keys, lists, text, integers, floats, booleans and `None`, as in
//! JSON. A pickle is a program, and one with a class or a function could call anything. Here every opcode for that is
//! refused, and nothing is ever called. Tuples, sets, bytes and dates are refused as well: they would go back to Django
//! as another type.
//!
//! - [`read`](fn@read): runs the opcodes on a stack, as Python's `Unpickler` does, without recursion
//! - `spell`: writes the value that they leave on the stack as JSON text; a shared list is written each time it occurs
//! - [`write`](fn@write): writes the opcodes of a session
//!
//! Python's `Lib/pickletools.py` describes the format.

mod read;
mod spell;
mod write;

pub use read::read;
pub use write::write;

/// A version of the format. Python reads all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// Protocol 2.
    Two = 2,
    /// Protocol 3.
    Three,
    /// Protocol 4: Python's `pickle.DEFAULT_PROTOCOL` before Python 3.14, so django-redis's.
    Four,
    /// Protocol 5: Python's `pickle.HIGHEST_PROTOCOL`, so that of Django's own cache backends.
    Five,
}

/// The maximum length of a session's pickle, in bytes. Apart from its frame, no pickle that Python writes is four times
/// as long as the JSON text.
pub(crate) const fn longest(max_json_length: usize) -> usize {
    max_json_length.saturating_mul(4).saturating_add(64)
}

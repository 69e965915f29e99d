//! A static for the only thread.

use core::cell::RefCell;

pub(crate) struct Single<T>(RefCell<T>);

// SAFETY: the module has one thread: it is built without the feature `atomics`, and its memory is not shared.
unsafe impl<T> Sync for Single<T> {}

impl<T> Single<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(RefCell::new(value))
    }

    /// Lends the value. No export calls another, so it is not lent already.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        work(&mut self.0.borrow_mut())
    }
}

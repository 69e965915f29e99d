//! Without zlib: nothing is compressed, and compressed payloads cannot be read.

use super::Step;
use crate::error::Error;

pub(super) struct Deflater;

impl Deflater {
    pub(super) fn new() -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "the backends have one form")]
    pub(super) fn deflate(&mut self, _: &[u8], _: &mut [u8]) -> Option<usize> {
        None
    }
}

pub(super) struct Inflater;

impl Inflater {
    pub(super) fn new() -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "the backends have one form")]
    pub(super) fn reset(&mut self) {}

    #[expect(clippy::unused_self, reason = "the backends have one form")]
    pub(super) fn step(&mut self, _: &[u8], _: &mut [u8], _: usize) -> Result<Step, Error> {
        Err(Error::CompressionDisabled)
    }
}

//! Without zlib: nothing is compressed, and compressed payloads cannot be read.

use alloc::vec::Vec;

use super::Step;
use crate::error::Error;

/// Makes no difference here.
#[derive(Clone, Copy)]
pub(crate) enum Effort {
    Fast,
    Thorough,
}

#[derive(Default)]
pub(crate) struct Deflater;

impl Deflater {
    #[expect(clippy::unused_self, reason = "the other build has a state")]
    pub(crate) fn deflate(&mut self, _: &[u8], _: Effort, _: usize, _: &mut Vec<u8>) -> bool {
        false
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

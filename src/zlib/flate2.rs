//! Decompresses with flate2, which needs std.

use alloc::boxed::Box;

use flate2::{Decompress, FlushDecompress, Status};

use super::Step;
use crate::error::Error;

/// In a box, so that no larger value reserves room for it before it exists. Such room is moved with the value, and can
/// carry bytes of the stack to the heap: `tests/wiping` found the state of an HMAC in it.
pub(super) struct Inflater(Box<Decompress>);

impl Inflater {
    pub(super) fn new() -> Self {
        Self(Box::new(Decompress::new(true)))
    }

    pub(super) fn reset(&mut self) {
        self.0.reset(true);
    }

    pub(super) fn step(
        &mut self,
        stream: &[u8],
        out: &mut [u8],
        written: usize,
    ) -> Result<Step, Error> {
        let rest = out.get_mut(written..).unwrap_or_default();
        let before = (self.0.total_in(), self.0.total_out());
        let status = self
            .0
            // The whole stream is here, and with `Finish` no window is kept for the next step.
            .decompress(stream, rest, FlushDecompress::Finish)
            .map_err(|_| Error::MalformedZlib)?;
        let since =
            |now: u64, before: u64| usize::try_from(now - before).map_err(|_| Error::MalformedZlib);
        Ok(Step {
            read: since(self.0.total_in(), before.0)?,
            written: since(self.0.total_out(), before.1)?,
            done: status == Status::StreamEnd,
        })
    }
}

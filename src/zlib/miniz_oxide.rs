//! Decompresses with `miniz_oxide`, without std.

use alloc::boxed::Box;

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use super::Step;
use crate::error::Error;

pub(super) struct Inflater(Box<DecompressorOxide>);

impl Inflater {
    pub(super) fn new() -> Self {
        Self(Box::default())
    }

    pub(super) fn reset(&mut self) {
        self.0.init();
    }

    pub(super) fn step(
        &mut self,
        stream: &[u8],
        out: &mut [u8],
        written: usize,
    ) -> Result<Step, Error> {
        let flags = TINFL_FLAG_PARSE_ZLIB_HEADER | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        match decompress(&mut self.0, stream, out, written, flags) {
            (TINFLStatus::Done, read, written) => Ok(Step {
                read,
                written,
                done: true,
            }),
            (TINFLStatus::HasMoreOutput, read, written) => Ok(Step {
                read,
                written,
                done: false,
            }),
            _ => Err(Error::MalformedZlib),
        }
    }
}

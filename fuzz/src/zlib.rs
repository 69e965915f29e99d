//! The compressor alone, without the codec.

#[path = "../../src/zlib/deflate/mod.rs"]
mod deflate;

use std::cell::RefCell;

use deflate::{Deflater, Effort};
use flate2::{Decompress, FlushDecompress, Status};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

/// The states that all inputs share, as creating one takes longer than using it.
struct Kept {
    deflater: Deflater,
    zlib_rs: Decompress,
    miniz_oxide: Box<DecompressorOxide>,
}

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::new(Kept {
        deflater: Deflater::default(),
        zlib_rs: Decompress::new(true),
        miniz_oxide: Box::default(),
    });
}

/// Checks the stream of the fast parse.
pub fn check_fast(data: &[u8]) {
    KEPT.with_borrow_mut(|kept| kept.check(data, Effort::Fast));
}

/// Checks the stream of the thorough parse.
pub fn check_thorough(data: &[u8]) {
    KEPT.with_borrow_mut(|kept| kept.check(data, Effort::Thorough));
}

impl Kept {
    /// Asserts that two other libraries inflate the stream of `data` to `data`, that a new state writes the same stream, and
    /// that the limit is exact.
    fn check(&mut self, data: &[u8], effort: Effort) {
        let mut stream = Vec::new();
        let kept = &mut self.deflater;
        assert!(kept.deflate(data, effort, usize::MAX, &mut stream));
        let mut part = Vec::new();
        assert!(!kept.deflate(data, effort, stream.len() - 1, &mut part));
        // A flush writes eight bytes, of which some may be behind the limit.
        assert!(part.len() < stream.len() + 8);
        let mut again = Vec::new();
        assert!(Deflater::default().deflate(data, effort, stream.len(), &mut again));
        assert!(again == stream, "a new state writes another stream");

        let mut inflated = Vec::with_capacity(data.len() + 1);
        self.zlib_rs.reset(true);
        let status = self
            .zlib_rs
            .decompress_vec(&stream, &mut inflated, FlushDecompress::Finish);
        assert_eq!(status.expect("zlib-rs reads it"), Status::StreamEnd);
        assert!(inflated == data, "zlib-rs inflates it to other bytes");
        assert_eq!(self.zlib_rs.total_in(), stream.len() as u64);

        inflated.fill(0);
        self.miniz_oxide.init();
        let flags = inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER
            | inflate_flags::TINFL_FLAG_COMPUTE_ADLER32
            | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let state = &mut self.miniz_oxide;
        let (status, read, written) = decompress(state, &stream, &mut inflated, 0, flags);
        assert_eq!(status, TINFLStatus::Done);
        assert_eq!((read, written), (stream.len(), data.len()));
        assert!(inflated == data, "miniz_oxide inflates it to other bytes");

        // A stored block has five bytes more than its data. A block ends with the 1,024th match, of at least four bytes, or
        // with a window, of which 32,766 bytes are new.
        let blocks = 1 + data.len() / 4096 + data.len() / 32_766;
        assert!(stream.len() <= 2 + data.len() + 5 * blocks + 4);
    }
}

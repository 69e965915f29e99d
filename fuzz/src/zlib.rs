//! The compressor alone, without the codec.

#[path = "../../src/zlib/deflate/mod.rs"]
mod deflate;

use std::cell::RefCell;
use std::io::Read;

use deflate::{Deflater, Effort};

thread_local! {
    /// The state that all inputs share.
    static KEPT: RefCell<Deflater> = RefCell::default();
}

/// Checks the stream of the fast parse.
pub fn check_fast(data: &[u8]) {
    check(data, Effort::Fast);
}

/// Checks the stream of the thorough parse.
pub fn check_thorough(data: &[u8]) {
    check(data, Effort::Thorough);
}

/// Asserts that two other libraries inflate the stream of `data` to `data`, that a new state writes the same stream, and
/// that the limit is exact.
fn check(data: &[u8], effort: Effort) {
    let stream = KEPT.with_borrow_mut(|kept| {
        let mut stream = Vec::new();
        assert!(kept.deflate(data, effort, usize::MAX, &mut stream));
        let mut part = Vec::new();
        assert!(!kept.deflate(data, effort, stream.len() - 1, &mut part));
        // A flush writes eight bytes, of which some may be behind the limit.
        assert!(part.len() < stream.len() + 8);
        stream
    });
    let mut again = Vec::new();
    assert!(Deflater::default().deflate(data, effort, stream.len(), &mut again));
    assert!(again == stream, "a new state writes another stream");

    let mut inflated = Vec::with_capacity(data.len());
    let mut decoder = flate2::read::ZlibDecoder::new(&*stream);
    decoder
        .read_to_end(&mut inflated)
        .expect("zlib-rs reads it");
    assert!(inflated == data, "zlib-rs inflates it to other bytes");
    assert_eq!(usize::try_from(decoder.total_in()), Ok(stream.len()));
    let inflated = miniz_oxide::inflate::decompress_to_vec_zlib(&stream);
    let inflated = inflated.expect("miniz_oxide reads it");
    assert!(inflated == data, "miniz_oxide inflates it to other bytes");

    // A stored block has five bytes more than its data. A block ends with the 1,024th match, of at least four bytes, or
    // with a window, of which 32,766 bytes are new.
    let blocks = 1 + data.len() / 4096 + data.len() / 32_766;
    assert!(stream.len() <= 2 + data.len() + 5 * blocks + 4);
}

//! zlib from the codec, and from other crates, to compare them.

use crate::deflate::{Deflater, Effort};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use miniz_oxide::DataFormat;
use miniz_oxide::deflate::CompressionLevel;
use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, TDEFLStatus, compress};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

/// Compresses or inflates a whole stream. Afterwards, the state is ready for the next one.
pub trait Zlib {
    /// Creates a new state.
    fn fresh() -> Self;
    /// Returns the result, which is written to `out`: at least 256 KB, so that it fits.
    fn run<'o>(&mut self, data: &[u8], out: &'o mut Vec<u8>) -> &'o [u8];
}

/// A state together with a buffer that is large enough.
pub struct Kept<Z> {
    state: Z,
    out: Vec<u8>,
}

impl<Z: Zlib> Kept<Z> {
    /// Creates a state and a buffer.
    pub fn new() -> Self {
        Self {
            state: Z::fresh(),
            out: vec![0; 256 * 1024],
        }
    }

    /// Returns the result for `data`.
    pub fn run(&mut self, data: &[u8]) -> &[u8] {
        self.state.run(data, &mut self.out)
    }
}

impl<Z: Zlib> Default for Kept<Z> {
    fn default() -> Self {
        Self::new()
    }
}

/// The codec's own compressor.
pub struct Deflate(Deflater);

impl Zlib for Deflate {
    fn fresh() -> Self {
        Self(Deflater::default())
    }

    fn run<'o>(&mut self, data: &[u8], out: &'o mut Vec<u8>) -> &'o [u8] {
        assert!(self.0.deflate(data, Effort::Fast, usize::MAX, out));
        out
    }
}

/// The same for a value that is slightly too long.
pub struct ThoroughDeflate(Deflater);

impl Zlib for ThoroughDeflate {
    fn fresh() -> Self {
        Self(Deflater::default())
    }

    fn run<'o>(&mut self, data: &[u8], out: &'o mut Vec<u8>) -> &'o [u8] {
        assert!(self.0.deflate(data, Effort::Thorough, usize::MAX, out));
        out
    }
}

/// flate2 compressing with zlib-rs, at level 6.
pub struct ZlibRsDeflate(Compress);

impl Zlib for ZlibRsDeflate {
    fn fresh() -> Self {
        Self(Compress::new(Compression::new(6), true))
    }

    fn run<'o>(&mut self, data: &[u8], out: &'o mut Vec<u8>) -> &'o [u8] {
        self.0.reset();
        let status = self.0.compress(data, out, FlushCompress::Finish);
        assert_eq!(status.ok(), Some(Status::StreamEnd));
        &out[..length(self.0.total_out())]
    }
}

/// flate2 inflating, as the codec does.
pub struct Inflate(Decompress);

impl Zlib for Inflate {
    fn fresh() -> Self {
        Self(Decompress::new(true))
    }

    fn run<'o>(&mut self, data: &[u8], out: &'o mut Vec<u8>) -> &'o [u8] {
        self.0.reset(true);
        let status = self.0.decompress(data, out, FlushDecompress::Finish);
        assert_eq!(status.ok(), Some(Status::StreamEnd));
        &out[..length(self.0.total_out())]
    }
}

/// `miniz_oxide` compressing, without flate2 around it.
pub struct MinizDeflate(Box<CompressorOxide>);

impl Zlib for MinizDeflate {
    fn fresh() -> Self {
        let level = CompressionLevel::DefaultLevel;
        Self(Box::new(CompressorOxide::with_format_and_level(
            DataFormat::Zlib,
            level,
        )))
    }

    fn run<'o>(&mut self, data: &[u8], out: &'o mut Vec<u8>) -> &'o [u8] {
        self.0.reset();
        let (status, _, written) = compress(&mut self.0, data, out, TDEFLFlush::Finish);
        assert_eq!(status, TDEFLStatus::Done);
        &out[..written]
    }
}

/// `miniz_oxide` inflating, without flate2 around it.
pub struct MinizInflate(Box<DecompressorOxide>);

impl Zlib for MinizInflate {
    fn fresh() -> Self {
        Self(Box::default())
    }

    fn run<'o>(&mut self, data: &[u8], out: &'o mut Vec<u8>) -> &'o [u8] {
        self.0.init();
        let flags = TINFL_FLAG_PARSE_ZLIB_HEADER | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, _, written) = decompress(&mut self.0, data, out, 0, flags);
        assert_eq!(status, TINFLStatus::Done);
        &out[..written]
    }
}

fn length(count: u64) -> usize {
    usize::try_from(count).expect("it fits the buffer")
}

/// Returns functions that create and drop each state, by name, to measure its memory.
pub fn states() -> [(&'static str, fn()); 6] {
    fn make<Z: Zlib>() {
        drop(std::hint::black_box(Z::fresh()));
    }
    fn used<Z: Zlib>() {
        let text = crate::data::CLASSES[3].texts()[0];
        Z::fresh().run(text.as_bytes(), &mut Vec::with_capacity(8192));
    }
    [
        ("state: deflate, after XL", used::<Deflate>),
        ("state: thorough deflate, after XL", used::<ThoroughDeflate>),
        ("state: zlib-rs deflate", make::<ZlibRsDeflate>),
        ("state: miniz_oxide deflate", make::<MinizDeflate>),
        ("state: zlib-rs inflate", make::<Inflate>),
        ("state: miniz_oxide inflate", make::<MinizInflate>),
    ]
}

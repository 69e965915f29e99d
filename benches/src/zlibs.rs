//! zlib from the crate that the codec uses, and from others, to choose between them.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use miniz_oxide::DataFormat;
use miniz_oxide::deflate::CompressionLevel;
use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, TDEFLStatus, compress};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use zlib_rs::{DeflateConfig, DeflateFlush};

/// Compresses or inflates a whole stream. Afterwards, the state is ready for the next one.
pub trait Zlib {
    /// Creates a new state.
    fn fresh() -> Self;
    /// Returns the number of bytes written to `out`, which must be large enough.
    fn run(&mut self, data: &[u8], out: &mut [u8]) -> usize;
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
        let written = self.state.run(data, &mut self.out);
        &self.out[..written]
    }
}

impl<Z: Zlib> Default for Kept<Z> {
    fn default() -> Self {
        Self::new()
    }
}

/// flate2 compressing, as the codec does.
pub struct Deflate(Compress);

impl Zlib for Deflate {
    fn fresh() -> Self {
        Self(Compress::new(Compression::new(6), true))
    }

    fn run(&mut self, data: &[u8], out: &mut [u8]) -> usize {
        self.0.reset();
        let status = self.0.compress(data, out, FlushCompress::Finish);
        assert_eq!(status.ok(), Some(Status::StreamEnd));
        length(self.0.total_out())
    }
}

/// flate2 inflating, as the codec does.
pub struct Inflate(Decompress);

impl Zlib for Inflate {
    fn fresh() -> Self {
        Self(Decompress::new(true))
    }

    fn run(&mut self, data: &[u8], out: &mut [u8]) -> usize {
        self.0.reset(true);
        let status = self.0.decompress(data, out, FlushDecompress::Finish);
        assert_eq!(status.ok(), Some(Status::StreamEnd));
        length(self.0.total_out())
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

    fn run(&mut self, data: &[u8], out: &mut [u8]) -> usize {
        self.0.reset();
        let (status, _, written) = compress(&mut self.0, data, out, TDEFLFlush::Finish);
        assert_eq!(status, TDEFLStatus::Done);
        written
    }
}

/// `miniz_oxide` inflating, without flate2 around it.
pub struct MinizInflate(Box<DecompressorOxide>);

impl Zlib for MinizInflate {
    fn fresh() -> Self {
        Self(Box::default())
    }

    fn run(&mut self, data: &[u8], out: &mut [u8]) -> usize {
        self.0.init();
        let flags = TINFL_FLAG_PARSE_ZLIB_HEADER | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, _, written) = decompress(&mut self.0, data, out, 0, flags);
        assert_eq!(status, TINFLStatus::Done);
        written
    }
}

/// `zlib-rs` compressing without flate2, with a given level and memory level. 8 is the default of zlib and flate2; one
/// less halves the buffers that are cleared for each block.
pub struct ZlibRsDeflate<const LEVEL: i32, const MEMORY: i32>(zlib_rs::Deflate);

impl<const LEVEL: i32, const MEMORY: i32> Zlib for ZlibRsDeflate<LEVEL, MEMORY> {
    fn fresh() -> Self {
        Self(zlib_rs::Deflate::new_with_config(DeflateConfig {
            level: LEVEL,
            mem_level: MEMORY,
            ..DeflateConfig::default()
        }))
    }

    fn run(&mut self, data: &[u8], out: &mut [u8]) -> usize {
        self.0.reset();
        let status = self.0.compress(data, out, DeflateFlush::Finish);
        assert_eq!(status.ok(), Some(zlib_rs::Status::StreamEnd));
        length(self.0.total_out())
    }
}

fn length(count: u64) -> usize {
    usize::try_from(count).expect("it fits the buffer")
}

/// Returns functions that create and drop each state, by name, to measure its memory.
pub fn states() -> [(&'static str, fn()); 4] {
    fn make<Z: Zlib>() {
        drop(std::hint::black_box(Z::fresh()));
    }
    [
        ("state: flate2 deflate", make::<Deflate>),
        ("state: flate2 inflate", make::<Inflate>),
        ("state: miniz_oxide deflate", make::<MinizDeflate>),
        ("state: miniz_oxide inflate", make::<MinizInflate>),
    ]
}

//! Unusual zlib streams (RFC 1950) and deflate blocks (RFC 1951), written bit by bit.

/// The text of the streams that are read.
pub const TEXT: &str = r#"{"a":"bbbbb"}"#;

pub struct Stream {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// Whether it is the text. Otherwise it is refused.
    pub is_read: bool,
}

/// Deflate's bits, one a byte, in the order of the stream.
#[derive(Clone, Default)]
struct Bits(Vec<u8>);

impl Bits {
    /// Appends a number, least significant bit first.
    fn number(mut self, value: u16, length: u32) -> Self {
        self.0
            .extend((0..length).map(|at| u8::from(value >> at & 1 == 1)));
        self
    }

    /// Appends a Huffman code, most significant bit first.
    fn code(mut self, value: u16, length: u32) -> Self {
        self.0
            .extend((0..length).rev().map(|at| u8::from(value >> at & 1 == 1)));
        self
    }

    fn header(self, is_final: bool, kind: u16) -> Self {
        self.number(u16::from(is_final), 1).number(kind, 2)
    }

    /// Appends a stored block. `padding` fills the byte of its header.
    fn stored(mut self, is_final: bool, text: &str, complement: u16, padding: u8) -> Self {
        self = self.header(is_final, 0);
        while !self.0.len().is_multiple_of(8) {
            self.0.push(padding);
        }
        let length = u16::try_from(text.len()).expect("short");
        self = self.number(length, 16).number(length ^ complement, 16);
        for byte in text.bytes() {
            self = self.number(byte.into(), 8);
        }
        self
    }

    /// Appends a symbol of the fixed codes (RFC 1951, section 3.2.6), for literals below 144.
    fn fixed(self, symbol: u16) -> Self {
        match symbol {
            0..=143 => self.code(0x30 + symbol, 8),
            256..=279 => self.code(symbol - 256, 7),
            _ => self.code(0xc0 + symbol - 280, 8),
        }
    }

    fn fixed_text(self, text: &str) -> Self {
        text.bytes()
            .fold(self, |bits, byte| bits.fixed(byte.into()))
    }

    /// Appends the length of a code, in the codes of `CODES`.
    fn length(self, symbol: u16) -> Self {
        match symbol {
            0..=12 => self.code(symbol, 4),
            _ => self.code(26 + symbol - 13, 5),
        }
    }

    /// Appends the start of a block with dynamic codes, up to the lengths of its codes.
    fn dynamic(self, is_final: bool, hlit: usize, hdist: usize, codes: [u16; 19]) -> Self {
        let of = |count: usize, least: usize| u16::try_from(count - least).expect("small");
        let start = self
            .header(is_final, 2)
            .number(of(hlit, 257), 5)
            .number(of(hdist, 1), 5)
            .number(15, 4);
        // The order of RFC 1951, section 3.2.7.
        [
            16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
        ]
        .iter()
        .fold(start, |bits, &symbol: &usize| bits.number(codes[symbol], 3))
    }

    /// Appends the start of a final block with dynamic codes that have these lengths.
    fn codes(self, literals: &[u16], distances: &[u16]) -> Self {
        let start = self.dynamic(true, literals.len(), distances.len(), CODES);
        [literals, distances]
            .concat()
            .iter()
            .fold(start, |bits, &length| bits.length(length))
    }

    /// Appends the text and the end of a block in the codes of `literals`.
    fn eight_bits(self) -> Self {
        let bits = TEXT
            .bytes()
            .fold(self, |bits, byte| bits.code(byte.into(), 8));
        bits.code(254, 8)
    }

    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[u8]| {
            let bits = bits.iter().enumerate();
            bits.fold(0, |byte, (at, bit)| byte | bit << at)
        };
        self.0.chunks(8).map(byte).collect()
    }

    /// Returns the stream with the usual header and the checksum of the text.
    fn zlib(&self) -> Vec<u8> {
        [&[0x78, 0x9c], self.bytes().as_slice(), &checksum()].concat()
    }
}

/// A complete code for the lengths of codes: symbols up to 12 have 4 bits, the others 5.
const CODES: [u16; 19] = [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5];

/// A complete code of 8 bits: 254 literals, the end of the block (code 254) and the match of length 3 (code 255).
fn literals() -> Vec<u16> {
    let mut lengths = vec![8; 258];
    lengths[254] = 0;
    lengths[255] = 0;
    lengths
}

fn checksum() -> [u8; 4] {
    adler2::adler32_slice(TEXT.as_bytes()).to_be_bytes()
}

/// A header with the right check bits (RFC 1950, section 2.2).
fn header(cmf: u8, flags: u8) -> [u8; 2] {
    let rest = (u16::from(cmf) * 256 + u16::from(flags)) % 31;
    let check = u8::try_from((31 - rest) % 31).expect("below 31");
    [cmf, flags + check]
}

/// Streams that differ from a usual one in the header, the checksum or behind it.
fn wrapped() -> Vec<(&'static str, Vec<u8>, bool)> {
    let block = Bits::default()
        .header(true, 1)
        .fixed_text(TEXT)
        .fixed(256)
        .bytes();
    let with = |header: [u8; 2], checksum: &[u8]| [&header, block.as_slice(), checksum].concat();
    let sum = checksum();
    let usual = with([0x78, 0x9c], &sum);
    let reversed = [sum[3], sum[2], sum[1], sum[0]];
    let dictionary = [&header(0x78, 0x20), sum.as_slice(), &block, &sum].concat();
    let gzip = [
        &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3],
        block.as_slice(),
        &sum,
    ]
    .concat();
    vec![
        ("usual", usual.clone(), true),
        ("FLEVEL 0", with(header(0x78, 0x00), &sum), true),
        ("FLEVEL 3", with(header(0x78, 0xc0), &sum), true),
        ("CINFO 0", with(header(0x08, 0x80), &sum), true),
        ("CINFO 8", with(header(0x88, 0x80), &sum), false),
        ("CINFO 15", with(header(0xf8, 0x80), &sum), false),
        ("CM 0", with(header(0x70, 0x80), &sum), false),
        ("CM 7", with(header(0x77, 0x80), &sum), false),
        ("CM 9", with(header(0x79, 0x80), &sum), false),
        ("CM 15", with(header(0x7f, 0x80), &sum), false),
        ("wrong FCHECK", with([0x78, 0x9d], &sum), false),
        (
            "FDICT without a dictionary",
            with(header(0x78, 0x20), &sum),
            false,
        ),
        ("FDICT", dictionary, false),
        ("no header", block.clone(), false),
        ("only a header", vec![0x78, 0x9c], false),
        ("half a header", vec![0x78], false),
        ("gzip", gzip, false),
        (
            "wrong Adler-32",
            with([0x78, 0x9c], &[sum[0], sum[1], sum[2], sum[3] ^ 1]),
            false,
        ),
        (
            "Adler-32 with its bytes reversed",
            with([0x78, 0x9c], &reversed),
            false,
        ),
        (
            "Adler-32 of nothing",
            with([0x78, 0x9c], &[0, 0, 0, 1]),
            false,
        ),
        ("no Adler-32", with([0x78, 0x9c], &[]), false),
        (
            "three bytes of Adler-32",
            with([0x78, 0x9c], &sum[..3]),
            false,
        ),
        ("a byte behind it", [usual.as_slice(), &[0]].concat(), false),
        (
            "the stream twice",
            [usual.as_slice(), &usual].concat(),
            false,
        ),
    ]
}

/// Blocks without codes and with fixed ones (RFC 1951, sections 3.2.4 and 3.2.6).
fn stored_and_fixed() -> Vec<(&'static str, Bits, bool)> {
    let new = Bits::default;
    let fixed = || new().header(true, 1);
    let (head, tail) = TEXT.split_at(7);
    let match_of_4 = |distance: u16| {
        fixed()
            .fixed_text(head)
            .fixed(258)
            .code(distance, 5)
            .fixed_text("\"}")
            .fixed(256)
    };
    vec![
        ("stored", new().stored(true, TEXT, 0xffff, 0), true),
        (
            "stored, with other padding",
            new().stored(true, TEXT, 0xffff, 1),
            true,
        ),
        ("stored, NLEN is LEN", new().stored(true, TEXT, 0, 0), false),
        (
            "stored, one bit of NLEN",
            new().stored(true, TEXT, 0x7fff, 0),
            false,
        ),
        (
            "stored, empty, then the text",
            new()
                .stored(false, "", 0xffff, 0)
                .stored(true, TEXT, 0xffff, 0),
            true,
        ),
        (
            "stored, no final block",
            new().stored(false, TEXT, 0xffff, 0),
            false,
        ),
        (
            "reserved type",
            new().header(true, 3).fixed_text(TEXT).fixed(256),
            false,
        ),
        (
            "two blocks",
            new()
                .header(false, 1)
                .fixed_text(head)
                .fixed(256)
                .header(true, 1)
                .fixed_text(tail)
                .fixed(256),
            true,
        ),
        ("no end of block", fixed().fixed_text(TEXT), false),
        (
            "length symbol 286",
            fixed().fixed_text(TEXT).fixed(286).code(0, 5).fixed(256),
            false,
        ),
        (
            "length symbol 287",
            fixed().fixed_text(TEXT).fixed(287).code(0, 5).fixed(256),
            false,
        ),
        ("distance 1", match_of_4(0), true),
        ("distance symbol 30", match_of_4(30), false),
        ("distance symbol 31", match_of_4(31), false),
        (
            "distance 8 after seven bytes",
            fixed()
                .fixed_text(head)
                .fixed(257)
                .code(5, 5)
                .number(1, 1)
                .fixed(256),
            false,
        ),
        (
            "a match at the start",
            fixed().fixed(257).code(0, 5).fixed_text(TEXT).fixed(256),
            false,
        ),
    ]
}

/// Blocks with dynamic codes: their numbers and lengths (RFC 1951, section 3.2.7).
fn dynamic() -> Vec<(&'static str, Bits, bool)> {
    let new = Bits::default;
    let with = |literals: &[u16], distances: &[u16]| new().codes(literals, distances).eight_bits();
    let padded = |count: usize| {
        let mut lengths = literals();
        lengths.resize(count, 0);
        lengths
    };
    let changed = |at: usize, length: u16| {
        let mut lengths = padded(259);
        lengths[at] = length;
        lengths
    };
    // `{"a":"bb`, a match of three, `"}`.
    let with_match = |distances: &[u16], code: u16, length: u32| {
        let start = new().codes(&literals(), distances);
        let head = TEXT[..8]
            .bytes()
            .fold(start, |bits, byte| bits.code(byte.into(), 8));
        head.code(255, 8)
            .code(code, length)
            .code(b'"'.into(), 8)
            .code(b'}'.into(), 8)
            .code(254, 8)
    };
    let mut only_the_end = vec![0; 257];
    only_the_end[256] = 1;
    let after_text = |literals: &[u16]| {
        let text = new().stored(false, TEXT, 0xffff, 0);
        text.codes(literals, &[0]).code(0, 1)
    };
    vec![
        ("dynamic", with(&literals(), &[1, 1]), true),
        ("HLIT 286", with(&padded(286), &[1, 1]), true),
        ("HLIT 287", with(&padded(287), &[1, 1]), false),
        ("HLIT 288", with(&padded(288), &[1, 1]), false),
        (
            "HDIST 30",
            with(&literals(), &[vec![1, 1], vec![0; 28]].concat()),
            true,
        ),
        (
            "HDIST 31",
            with(&literals(), &[vec![1, 1], vec![0; 29]].concat()),
            false,
        ),
        (
            "HDIST 32",
            with(&literals(), &[vec![1, 1], vec![0; 30]].concat()),
            false,
        ),
        ("literals over-full", with(&changed(258, 8), &[1, 1]), false),
        (
            "literals incomplete",
            with(&changed(257, 0), &[1, 1]),
            false,
        ),
        (
            "no code for the end",
            with(&changed(256, 0), &[1, 1]),
            false,
        ),
        (
            "only a code for the end, of one bit",
            after_text(&only_the_end),
            true,
        ),
        ("no literals at all", after_text(&[0; 257]), false),
        ("no distances", with(&literals(), &[0]), true),
        ("no distances, and a match", with_match(&[0], 0, 1), false),
        ("one distance of one bit", with_match(&[1], 0, 1), true),
        (
            "one distance of one bit, the other code",
            with_match(&[1], 1, 1),
            false,
        ),
        ("one distance of two bits", with_match(&[2], 0, 2), false),
        (
            "two distances of two bits",
            with_match(&[2, 2], 0, 2),
            false,
        ),
        ("distances over-full", with_match(&[1, 1, 1], 0, 1), false),
    ]
}

/// Blocks with dynamic codes: how the lengths of the codes are written.
fn lengths_of_codes() -> Vec<(&'static str, Bits, bool)> {
    let new = Bits::default;
    // The lengths of all codes, of which `from` on are given by `rest`.
    let lengths = |from: usize, rest: fn(Bits) -> Bits| {
        let start = new().dynamic(true, 258, 2, CODES);
        let all = [literals(), vec![1, 1]].concat();
        let given = all[..from].iter();
        rest(given.fold(start, |bits, &length| bits.length(length))).eight_bits()
    };
    // The last of the codes for lengths, which nothing uses, has another length.
    let last_code = |length: u16| {
        let mut codes = CODES;
        codes[18] = length;
        let start = new().dynamic(true, 258, 2, codes);
        let lengths = [literals(), vec![1, 1]].concat();
        lengths
            .iter()
            .fold(start, |bits, &length| bits.length(length))
            .eight_bits()
    };
    let no_codes = new().dynamic(true, 258, 2, [0; 19]).eight_bits();
    vec![
        (
            "a repeat from literals to distances",
            lengths(257, |bits| bits.length(8).length(1).length(1)),
            true,
        ),
        (
            "a repeat of nothing",
            lengths(0, |bits| bits.length(16).number(0, 2)),
            false,
        ),
        (
            "a repeat past the last length",
            lengths(259, |bits| bits.length(16).number(3, 2)),
            false,
        ),
        (
            "zeros past the last length",
            lengths(259, |bits| bits.length(18).number(127, 7)),
            false,
        ),
        ("lengths over-full", last_code(4), false),
        ("lengths incomplete", last_code(0), false),
        ("no code for lengths", no_codes, false),
    ]
}

pub fn streams() -> Vec<Stream> {
    let blocks = stored_and_fixed()
        .into_iter()
        .chain(dynamic())
        .chain(lengths_of_codes());
    let blocks = blocks.map(|(name, bits, is_read)| (name, bits.zlib(), is_read));
    let all = wrapped().into_iter().chain(blocks);
    all.map(|(name, bytes, is_read)| Stream {
        name,
        bytes,
        is_read,
    })
    .collect()
}

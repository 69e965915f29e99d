//! Bits to bytes: the first bit is the lowest of its byte. Huffman codes begin with their most significant bit, so a [`Code`]
//! has its bits reversed (RFC 1951, section 3.1.1).

use alloc::vec::Vec;

use super::codes::Code;

/// The bytes that one [`Bits::flush`] may write.
const WORD: usize = size_of::<u64>();

pub(super) struct Bits<'o> {
    /// The stream, and bytes behind it that will be overwritten.
    out: &'o mut Vec<u8>,
    /// The bytes of `out` that are written.
    length: usize,
    /// The most bytes of the stream.
    limit: usize,
    /// Bits that are not written yet, the first one lowest.
    waiting: u64,
    count: u32,
}

impl<'o> Bits<'o> {
    /// Starts a stream of at most `limit` bytes, which replaces the content of `out`.
    pub(super) fn new(out: &'o mut Vec<u8>, limit: usize) -> Self {
        out.clear();
        Self {
            out,
            length: 0,
            limit,
            waiting: 0,
            count: 0,
        }
    }

    /// Returns how many bits the stream has.
    pub(super) fn written(&self) -> usize {
        8 * self.length + self.count as usize
    }

    /// Makes room for the next `bits` bits. Returns whether they stay within the limit.
    pub(super) fn reserve(&mut self, bits: usize) -> bool {
        let end = self.length + (self.count as usize + bits).div_ceil(8);
        let fits = end <= self.limit;
        if fits {
            self.out.resize(end + WORD, 0);
        }
        fits
    }

    /// Appends the low `count` bits of `bits`, whose other bits are 0. Between two calls of `flush`, there is room for 56.
    #[inline]
    pub(super) fn put(&mut self, bits: u64, count: u32) {
        self.waiting |= bits << self.count;
        self.count += count;
    }

    /// Appends a code.
    #[inline]
    pub(super) fn code(&mut self, code: Code) {
        self.put(code.bits.into(), code.length.into());
    }

    /// Writes the whole bytes, so that fewer than 8 bits wait.
    #[inline]
    pub(super) fn flush(&mut self) {
        let place = self.out.get_mut(self.length..);
        debug_assert!(
            self.count < 8 || place.as_ref().is_some_and(|rest| rest.len() >= WORD),
            "room is reserved"
        );
        if let Some(place) = place.and_then(|rest| rest.first_chunk_mut()) {
            *place = self.waiting.to_le_bytes();
        }
        self.length += self.count as usize / 8;
        self.waiting >>= self.count & !7;
        self.count &= 7;
    }

    /// Fills the last byte with zeros, and writes it.
    fn align(&mut self) {
        self.count = self.count.next_multiple_of(8);
        self.flush();
    }

    /// Returns how many bits [`align`](Self::align) would add after `bits` more.
    pub(super) fn padding(&self, bits: usize) -> usize {
        let count = self.count as usize + bits;
        count.next_multiple_of(8) - count
    }

    /// Appends whole bytes, after zeros that fill the last one. Returns whether they stay within the limit.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> bool {
        self.align();
        let fits = bytes.len() <= self.limit.saturating_sub(self.length);
        if fits {
            self.out.truncate(self.length);
            self.out.extend_from_slice(bytes);
            self.length = self.out.len();
        }
        fits
    }
}

//! Lines of standard input or of a key file, whatever their bytes and however long.

use std::io::{self, BufRead, Read};
use std::iter;

/// A paste, or the JSON text of a session.
pub(crate) struct Input {
    /// All of it; of an overlong line the beginning.
    pub(crate) bytes: Vec<u8>,
    pub(crate) length: usize,
}

impl Input {
    pub(crate) fn is_whole(&self) -> bool {
        self.bytes.len() == self.length
    }

    fn is_blank(&self) -> bool {
        self.is_whole() && self.bytes.trim_ascii().is_empty()
    }
}

impl From<&str> for Input {
    fn from(text: &str) -> Self {
        let bytes = text.as_bytes().to_vec();
        let length = bytes.len();
        Self { bytes, length }
    }
}

/// All of the input, or if that is more than `longest` bytes, one byte more than that.
pub(crate) fn paste(input: &mut impl Read, longest: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let longest = u64::try_from(longest).unwrap_or(u64::MAX).saturating_add(1);
    input.take(longest).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The lines that are not blank, without their ends. Of each the first `keep` bytes are kept.
pub(crate) fn lines(
    mut input: impl BufRead,
    keep: usize,
) -> impl Iterator<Item = io::Result<Input>> {
    let lines = iter::from_fn(move || read_line(&mut input, keep).transpose());
    lines.filter(|line| !line.as_ref().is_ok_and(Input::is_blank))
}

fn read_line(input: &mut impl BufRead, keep: usize) -> io::Result<Option<Input>> {
    let (mut bytes, mut length, mut ends_in_cr) = (Vec::new(), 0, false);
    loop {
        let chunk = input.fill_buf()?;
        if chunk.is_empty() && length == 0 {
            return Ok(None);
        }
        let newline = chunk.iter().position(|&byte| byte == b'\n');
        let part = &chunk[..newline.unwrap_or(chunk.len())];
        bytes.extend_from_slice(&part[..part.len().min(keep - bytes.len())]);
        length += part.len();
        ends_in_cr = part.last().map_or(ends_in_cr, |&last| last == b'\r');

        let is_end = newline.is_some() || chunk.is_empty();
        let read = part.len() + usize::from(newline.is_some());
        input.consume(read);
        if is_end {
            length -= usize::from(ends_in_cr);
            bytes.truncate(length);
            return Ok(Some(Input { bytes, length }));
        }
    }
}

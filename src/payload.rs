//! The payload of signed text: JSON text, compressed with zlib if that is shorter, in base64url. (Part of `sign_object`
//! and `unsign_object` in `django/core/signing.py`.)

use alloc::string::String;
use alloc::vec::Vec;

use crate::base64url;
use crate::error::Error;
use crate::scratch::Buffers;
use crate::signature::{self, SignedText};
use crate::zlib::{Deflater, Effort};

/// First character of a compressed payload.
const COMPRESSED: char = '.';

/// A payload that is longer than its room by more than half of it is not compressed again: even for texts with little but
/// repetitions, the fast parse makes streams that are at most 40 % longer than zlib's.
const HOPELESS: usize = 2;

/// Length of two separators, a stamp and a signature.
const STAMPED: usize = 2 + 12 + signature::LENGTH;

/// Whether to compress when writing. A compressed payload is marked as such, so reading needs no setting.
///
/// The length of a compressed cookie depends on its content. Someone who can put text into a user's session and see the
/// length of the user's traffic can guess other values in it, as in the attacks CRIME and BREACH. Django's cookies have the
/// same property. Use [`Never`](Self::Never) if a session holds both a secret and text from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compression {
    /// Compress if that saves at least two bytes: Django's rule, `len(compressed) < len(data) - 1`. If the value is then
    /// up to 50 % too long for the cookie, compress once more, with more effort: this can take 50 ms for 64 KiB of JSON.
    /// Without the feature `compress`, nothing is compressed.
    #[default]
    Auto,
    /// Never compress: this is faster, but the payload is longer.
    Never,
}

/// Appends the payload of canonical JSON text of at most `limit` bytes to `out`. It may be longer than `room`, but a
/// payload that is somewhat longer is compressed with more effort first.
///
/// [`Error::JsonTooLong`] if the text is longer.
pub(crate) fn write(
    json: &str,
    compression: Compression,
    limit: usize,
    room: usize,
    buffers: &mut Buffers,
    out: &mut String,
) -> Result<(), Error> {
    let Buffers { bytes, zlib, .. } = buffers;
    if json.len() > limit {
        return Err(Error::JsonTooLong { limit });
    }
    let (mark, payload) = if compression == Compression::Auto
        && compress(json.as_bytes(), room, &mut zlib.deflater, bytes)
    {
        (Some(COMPRESSED), bytes.as_slice())
    } else {
        (None, json.as_bytes())
    };
    // Reserves once, for the payload, the stamp and the signature.
    out.reserve(1 + base64url::length(payload.len()) + STAMPED);
    out.extend(mark);
    base64url::encode_into(payload, out);
    Ok(())
}

/// Compresses JSON text to `stream`. Returns whether that saves at least two bytes. If not, `stream` holds an incomplete one.
///
/// A payload that is longer than `room` is compressed again, with more effort.
fn compress(json: &[u8], room: usize, deflater: &mut Deflater, stream: &mut Vec<u8>) -> bool {
    let most = json.len().saturating_sub(2);
    if !deflater.deflate(json, Effort::Fast, most, stream) {
        return false;
    }
    let length = COMPRESSED.len_utf8() + base64url::length(stream.len());
    if length <= room || length - room > room / HOPELESS {
        return true;
    }
    let fitting = base64url::decoded_length(room.saturating_sub(COMPRESSED.len_utf8()));
    deflater.deflate(json, Effort::Thorough, fitting, stream)
        // It is still too long. The error reports the length of the fast stream.
        || deflater.deflate(json, Effort::Fast, most, stream)
}

/// Decodes a payload to JSON text in one of the buffers: at most `limit` bytes of valid UTF-8, not scanned yet.
///
/// [`Error::MalformedBase64`], [`Error::MalformedZlib`], [`Error::CompressionDisabled`], [`Error::JsonTooLong`], and
/// [`Error::MalformedJson`] if it is not UTF-8.
pub(crate) fn read<'b>(
    payload: SignedText<'_>,
    limit: usize,
    buffers: &'b mut Buffers,
) -> Result<&'b str, Error> {
    let bytes = &mut buffers.bytes;
    let json = if let Some(stream) = payload.text().strip_prefix(COMPRESSED) {
        base64url::decode_into(stream, bytes)?;
        let inflated = &mut buffers.inflated;
        buffers.zlib.decompress(bytes, limit, inflated)?
    } else {
        base64url::decode_into(payload.text(), bytes)?;
        if bytes.len() > limit {
            return Err(Error::JsonTooLong { limit });
        }
        bytes
    };
    core::str::from_utf8(json).map_err(|error| Error::MalformedJson {
        offset: error.valid_up_to(),
    })
}

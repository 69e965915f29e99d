//! Helpers for the targets: keys, codecs, and Rust values of every shape that a session accepts.

extern crate alloc;

pub mod zlib;

use arbitrary::{Arbitrary, Result, Unstructured};
use hardtack::{KeyRing, SecretKey, Session, SessionCodec};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// The instant at which the targets sign.
pub const NOW: i64 = 1_700_000_000;

/// Returns the signing key and two fallbacks, one of them as weak as a key can be.
pub fn keys() -> [SecretKey; 3] {
    [
        SecretKey::new("fuzz-7d$u!m3o0q2z@8r#xw5v+e9t&y1a4s6-0123456789").expect("a strong key"),
        SecretKey::allow_weak("k").expect("a key"),
        SecretKey::new(b"\x00\xff\x80 bytes that are no text, and enough of them".as_slice())
            .expect("a strong key"),
    ]
}

/// Returns a ring of the first `count` keys, at least one.
pub fn ring(count: usize) -> KeyRing {
    let [signing, fallbacks @ ..] = keys();
    let fallbacks = fallbacks.into_iter().take(count.saturating_sub(1));
    fallbacks.fold(KeyRing::new(signing), KeyRing::with_fallback)
}

/// Returns a codec without limits of length, which ignores a session's own expiry.
pub fn boundless() -> SessionCodec {
    SessionCodec::new(ring(1))
        .with_max_length(usize::MAX)
        .with_max_json_length(usize::MAX)
        .ignore_session_expiry()
}

/// Maximum number of open containers inside a session, whose own object is the first of
/// [`MAX_DEPTH`](hardtack::limits::MAX_DEPTH).
pub const VALUE_DEPTH: usize = hardtack::limits::MAX_DEPTH - 1;

/// A Rust value.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Tree {
    Null,
    Bool(bool),
    Signed(i128),
    Unsigned(u128),
    Single(f32),
    Double(f64),
    Text(String),
    List(Vec<Tree>),
    /// No key occurs twice.
    Map(#[serde(serialize_with = "map")] Vec<(String, Tree)>),
}

fn map<S: Serializer>(pairs: &[(String, Tree)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}

impl Tree {
    /// Generates a value with at most `levels` levels of arbitrary containers, possibly inside a stack of lists.
    fn grow(u: &mut Unstructured<'_>, levels: u8) -> Result<Self> {
        let kinds = if levels == 0 { 8 } else { 11 };
        Ok(match u.int_in_range(0..=kinds)? {
            0 => Self::Null,
            1 => Self::Bool(u.arbitrary()?),
            2 => Self::Signed(u.arbitrary::<i64>()?.into()),
            3 => Self::Signed(u.arbitrary()?),
            4 => Self::Unsigned(u.arbitrary()?),
            5 => Self::Single(u.arbitrary()?),
            6 => Self::Double(u.arbitrary()?),
            7 => Self::Text(u.arbitrary()?),
            // Long text from a few bytes of input, because only long texts of a session are compacted.
            8 => Self::Text(u.arbitrary::<String>()?.repeat(u.int_in_range(0..=200)?)),
            9 => Self::List(Self::several(u, |u| Self::grow(u, levels - 1))?),
            10 => {
                let mut pairs = Self::several(u, |u| {
                    Ok((String::arbitrary(u)?, Self::grow(u, levels - 1)?))
                })?;
                let mut seen = std::collections::HashSet::<String>::new();
                pairs.retain(|(key, _)| seen.insert(key.clone()));
                Self::Map(pairs)
            }
            _ => {
                let column = u.int_in_range(0..=VALUE_DEPTH + 1)?;
                let top = Self::grow(u, levels - 1)?;
                (0..column).fold(top, |tree, _| Self::List(vec![tree]))
            }
        })
    }

    fn several<T>(
        u: &mut Unstructured<'_>,
        mut one: impl FnMut(&mut Unstructured<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        (0..u.int_in_range(0..=5)?).map(|_| one(u)).collect()
    }

    /// Returns whether JSON can represent this value, and it is not too deep for a session.
    pub fn fits(&self) -> bool {
        self.depth() <= VALUE_DEPTH
            && self.all(&|leaf| match leaf {
                Self::Single(number) => number.is_finite(),
                Self::Double(number) => number.is_finite(),
                _ => true,
            })
    }

    pub fn has_float(&self) -> bool {
        !self.all(&|leaf| !matches!(leaf, Self::Single(_) | Self::Double(_)))
    }

    fn depth(&self) -> usize {
        let of =
            |parts: &mut dyn Iterator<Item = &Self>| 1 + parts.map(Self::depth).max().unwrap_or(0);
        match self {
            Self::List(parts) => of(&mut parts.iter()),
            Self::Map(pairs) => of(&mut pairs.iter().map(|(_, value)| value)),
            _ => 0,
        }
    }

    fn all(&self, law: &impl Fn(&Self) -> bool) -> bool {
        match self {
            Self::List(parts) => parts.iter().all(|part| part.all(law)),
            Self::Map(pairs) => pairs.iter().all(|(_, value)| value.all(law)),
            leaf => law(leaf),
        }
    }

    /// Asserts that the value of `key`, read with this value's own type, is this value, bit for bit.
    pub fn assert_read_back(&self, session: &Session, key: &str) {
        const READ: &str = "what was written is read back";
        match self {
            Self::Null => assert_eq!(session.get(key).expect(READ), Some(())),
            Self::Bool(value) => assert_eq!(session.get(key).expect(READ), Some(*value)),
            Self::Signed(value) => assert_eq!(session.get(key).expect(READ), Some(*value)),
            Self::Unsigned(value) => assert_eq!(session.get(key).expect(READ), Some(*value)),
            Self::Single(value) => {
                let bits = session.get::<f32>(key).expect(READ).map(f32::to_bits);
                assert_eq!(bits, Some(value.to_bits()));
            }
            Self::Double(value) => {
                let bits = session.get::<f64>(key).expect(READ).map(f64::to_bits);
                assert_eq!(bits, Some(value.to_bits()));
            }
            Self::Text(value) => {
                let text: Option<String> = session.get(key).expect(READ);
                assert_eq!(text.as_ref(), Some(value));
            }
            Self::List(values) => {
                let texts: Vec<Box<RawValue>> = session.get(key).expect(READ).expect("a list");
                assert_eq!(texts.len(), values.len());
                for (value, text) in values.iter().zip(texts) {
                    let mut part = Session::new();
                    part.insert("", text).expect("JSON text is a value");
                    value.assert_read_back(&part, "");
                }
            }
            Self::Map(pairs) => {
                let part: Session = session.get(key).expect(READ).expect("a map");
                let keys = part.iter().map(|(key, _)| key);
                assert!(keys.eq(pairs.iter().map(|(key, _)| &**key)));
                for (key, value) in pairs {
                    value.assert_read_back(&part, key);
                }
            }
        }
    }
}

impl<'a> Arbitrary<'a> for Tree {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Self::grow(u, 4)
    }
}

/// Asserts that text is spelled as Django writes it: printable ASCII, and no space outside a string.
pub fn assert_canonical(json: &str) {
    let (mut in_string, mut escaped) = (false, false);
    for byte in json.bytes() {
        assert!(matches!(byte, b' '..=b'~'), "not ASCII: {json}");
        assert!(in_string || byte != b' ', "white space: {json}");
        if escaped {
            escaped = false;
        } else if in_string && byte == b'\\' {
            escaped = true;
        } else if byte == b'"' {
            in_string = !in_string;
        }
    }
}

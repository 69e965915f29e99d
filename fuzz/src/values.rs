//! Properties of Rust values.

use std::collections::HashSet;

use hardtack::limits::MAX_DEPTH;

use crate::typed::Typed;

/// Maximum number of containers around a value inside a session, whose own object is the first of [`MAX_DEPTH`].
const VALUE_DEPTH: usize = MAX_DEPTH - 1;

impl Typed {
    /// Returns whether a session can hold it.
    pub fn fits(&self) -> bool {
        self.depth() <= VALUE_DEPTH
    }

    pub fn has_float(&self) -> bool {
        match self {
            Self::Float(_) => true,
            Self::List(values) => values.iter().any(Self::has_float),
            Self::Map(pairs) => pairs.0.iter().any(|(_, value)| value.has_float()),
            _ => false,
        }
    }

    /// Returns whether a map in it has a key twice, as no Rust map does.
    pub fn has_duplicates(&self) -> bool {
        match self {
            Self::List(values) => values.iter().any(Self::has_duplicates),
            Self::Map(pairs) => {
                let mut seen = HashSet::new();
                pairs
                    .0
                    .iter()
                    .any(|(key, value)| !seen.insert(key) || value.has_duplicates())
            }
            _ => false,
        }
    }

    fn depth(&self) -> usize {
        let below = |depths: &mut dyn Iterator<Item = usize>| 1 + depths.max().unwrap_or(0);
        match self {
            Self::List(values) => below(&mut values.iter().map(Self::depth)),
            Self::Map(pairs) => below(&mut pairs.0.iter().map(|(_, value)| value.depth())),
            _ => 0,
        }
    }

    /// Returns whether both are the same to the last bit.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Uint(a), Self::Uint(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::List(a), Self::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_same(b))
            }
            (Self::Map(a), Self::Map(b)) => {
                let same = |((a, one), (b, other)): (&(_, Self), &(_, Self))| {
                    a == b && Self::is_same(one, other)
                };
                a.0.len() == b.0.len() && a.0.iter().zip(&b.0).all(same)
            }
            _ => false,
        }
    }
}

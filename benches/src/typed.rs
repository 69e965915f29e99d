//! The sessions as structs. Their texts are owned (`String`) or borrowed where the JSON has no escapes ([`Text`]).

#![expect(clippy::struct_field_names, reason = "Django's names")]

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// Text that borrows from the JSON if it can.
#[derive(Serialize, Deserialize)]
pub struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Class S.
#[derive(Serialize, Deserialize)]
pub struct Login<T> {
    _auth_user_id: T,
    _auth_user_backend: T,
    _auth_user_hash: T,
}

/// Class M, and with the optional fields also L and XL.
#[derive(Serialize, Deserialize)]
pub struct Shop<T> {
    _auth_user_id: T,
    _auth_user_backend: T,
    _auth_user_hash: T,
    _session_expiry: u32,
    cart: Vec<Item<T>>,
    currency: T,
    coupon: Option<T>,
    total: f64,
    lang: T,
    flags: Flags,
    last: Vec<u32>,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Note<T>>,
    #[serde(default = "Tokens::none", skip_serializing_if = "Tokens::is_empty")]
    tokens: Tokens<T>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    geo: Vec<f64>,
}

#[derive(Serialize, Deserialize)]
struct Item<T> {
    sku: T,
    qty: u32,
    price: f64,
    name: T,
    gift: bool,
}

#[derive(Serialize, Deserialize)]
struct Flags {
    newsletter: bool,
    ab: u32,
}

#[derive(Serialize, Deserialize)]
struct Note<T> {
    id: T,
    t: i64,
    text: T,
}

/// A map in the order of its text.
struct Tokens<T>(Vec<(T, T)>);

impl<T> Tokens<T> {
    fn none() -> Self {
        Self(Vec::new())
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Serialize> Serialize for Tokens<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Tokens<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Pairs<T> {
            type Value = Tokens<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("tokens by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tokens<T>, A::Error> {
                let mut tokens = Tokens::none();
                while let Some(pair) = map.next_entry()? {
                    tokens.0.push(pair);
                }
                Ok(tokens)
            }
        }
        deserializer.deserialize_map(Pairs(PhantomData))
    }
}

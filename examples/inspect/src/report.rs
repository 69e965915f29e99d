//! The report on a paste.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use hardtack::{Error, Session, SessionCodec};
use serde::Serialize;

use crate::expiry::Expiry;
use crate::kind::{Kind, Parts, RECORD, Recognized, SESSION};
use crate::paste::{Found, exact, find};
use crate::pieces::Piece;
use crate::refusal::Refusal;
use crate::unverified::{is_json, json};
use crate::verify::{Proof, Settings, Trust, prove};

/// The kind of a paste, its signature and its content.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The cookie's name, if it was pasted too.
    pub name: Option<String>,
    /// The value that was found; empty if it is a secret.
    pub value: String,
    /// Bytes of the value.
    pub length: usize,
    /// The encodings and line breaks that were undone to find it, in words.
    pub undone: Vec<&'static str>,
    /// Which one it is of how many cookies of its name, if the paste has more than one.
    pub place: Option<(usize, usize)>,
    /// Its kind, if that is known.
    pub kind: Option<Kind>,
    /// Its parts, if Django signed it or could have.
    pub parts: Option<Parts>,
    /// When it was made according to itself, in Unix seconds.
    pub issued_at: Option<i64>,
    /// When it expires according to itself and the max age.
    pub expiry: Option<Expiry>,
    /// The result of trying the keys.
    pub trust: Trust,
    /// Why it is not accepted.
    pub refusal: Option<Refusal>,
    /// Its content.
    pub contents: Option<Contents>,
    /// Why that cannot be read.
    pub problem: Option<String>,
}

/// The content of a text.
#[derive(Debug, Serialize)]
pub struct Contents {
    /// The text.
    pub text: String,
    /// Whether it is JSON.
    pub is_json: bool,
    /// Whether it was compressed.
    pub is_compressed: bool,
    /// Whether one of the keys signed exactly this.
    pub is_verified: bool,
}

/// Finds the cookie in a paste, identifies it and verifies it.
pub fn inspect(paste: &str, settings: &Settings<'_>) -> Report {
    // A paste that a key signed as a whole is not taken apart.
    let is_signed = |text: &&str| settings.is_exact || prove(None, text, settings).is_some();
    let signed_at = |piece: &Piece| {
        let proof = prove(piece.name.as_deref(), &piece.value, settings)?;
        proof.issued_at.filter(|_| proof.refusal.is_none())
    };
    let whole = [paste, paste.trim()].into_iter().find(is_signed);
    let Found {
        piece,
        recognized,
        undone,
        place,
    } = whole.map_or_else(|| find(paste, signed_at), exact);
    let proof = prove(piece.name.as_deref(), &piece.value, settings);
    let error = asked_error(&piece.value, settings);
    let is_signed = recognized
        .as_ref()
        .is_some_and(|known| known.parts.is_some());
    let trust = match &proof {
        Some(Proof {
            signature,
            refusal: None,
            ..
        }) => Trust::Verified(signature.clone()),
        Some(Proof { signature, .. }) => Trust::Refused(signature.clone()),
        None if !is_signed => Trust::NotApplicable,
        None if settings.keys.is_none() => Trust::NoKey,
        None => Trust::Unknown,
    };
    let refusal = proof
        .as_ref()
        .and_then(|proof| proof.refusal)
        .or(error)
        .map(Refusal);
    let is_asked = proof.as_ref().is_some_and(|proof| proof.signature.is_asked);
    let refusal = refusal.filter(|_| !is_asked || matches!(trust, Trust::Refused(_)));
    let contents = contents(&piece.value, recognized.as_ref(), proof.as_ref());
    let problem = problem(recognized.as_ref(), proof.as_ref());
    let issued_at = proof.as_ref().and_then(|proof| proof.issued_at);
    let seen = recognized.as_ref().map(|known| known.kind);
    let proven = proof.and_then(|proof| proof.kind);
    let kind = proven
        .filter(|_| !seen.is_some_and(|kind| kind.is_pickle()))
        .or(seen);
    let issued_at = issued_at.or(recognized.as_ref().and_then(|known| known.issued_at));
    let session = contents
        .as_ref()
        .filter(|_| kind.is_some_and(|kind| kind.id == SESSION.id))
        .and_then(|contents| Session::from_json(&contents.text).ok());
    let expiry = session
        .zip(issued_at)
        .and_then(|(session, at)| Expiry::of_session(&session, at, settings.max_age))
        .or(recognized.as_ref().and_then(|known| known.expiry));
    let is_secret = kind.is_some_and(|kind| kind.is_secret());
    Report {
        name: piece.name,
        length: piece.value.len(),
        value: if is_secret {
            String::new()
        } else {
            piece.value
        },
        undone,
        place,
        kind,
        issued_at,
        expiry,
        parts: recognized.and_then(|known| known.parts),
        trust,
        refusal,
        problem: problem.filter(|_| contents.is_none()),
        contents,
    }
}

/// The error that hardtack returns for the value as a session's cookie under the salt that was asked for.
fn asked_error(value: &str, settings: &Settings<'_>) -> Option<Error> {
    let codec = SessionCodec::new(settings.keys?.plain.clone())
        .with_salt(settings.salt)
        .with_max_age(settings.max_age)
        .with_max_length(settings.max_length);
    codec.verify(value, settings.now).err()
}

/// Whether it was signed as a session but is not one.
fn is_malformed(proof: Option<&Proof>) -> bool {
    proof.is_some_and(|proof| {
        let is_session = proof
            .kind
            .is_none_or(|kind| kind == SESSION || kind == RECORD);
        is_session && proof.json.is_none()
    })
}

fn problem(recognized: Option<&Recognized>, proof: Option<&Proof>) -> Option<String> {
    let known = recognized?;
    let parts = known.parts.as_ref().filter(|_| is_malformed(proof));
    let problem = parts.and_then(|parts| json(&parts.payload).err());
    problem.or_else(|| known.problem.clone())
}

fn contents(
    value: &str,
    recognized: Option<&Recognized>,
    proof: Option<&Proof>,
) -> Option<Contents> {
    let known = recognized?;
    let payload = known.parts.as_ref().map(|parts| parts.payload.as_str());
    let signed = proof.and_then(|proof| match proof.kind {
        Some(kind) if kind.is_text() => payload.map(ToOwned::to_owned),
        _ => proof.json.clone(),
    });
    let is_verified = signed.is_some();
    let seen = || known.contents.clone().filter(|_| !is_malformed(proof));
    let text = signed.or_else(seen)?;
    let is_text = proof
        .and_then(|proof| proof.kind)
        .unwrap_or(known.kind)
        .is_text();
    Some(Contents {
        is_json: !is_text && is_json(&text),
        // Django and itsdangerous mark it alike.
        is_compressed: !is_text && value.starts_with('.'),
        is_verified,
        text,
    })
}

impl Report {
    /// Creates the report on a paste of this many bytes that was refused without a look at its content.
    pub fn refused(length: usize, error: Error) -> Self {
        Self {
            name: None,
            value: String::new(),
            length,
            undone: Vec::new(),
            place: None,
            kind: None,
            parts: None,
            issued_at: None,
            expiry: None,
            trust: Trust::NotApplicable,
            refusal: Some(Refusal(error)),
            contents: None,
            problem: None,
        }
    }

    /// Returns whether one of the keys signed it under the salt that was asked for, and it is valid now.
    pub fn is_accepted(&self) -> bool {
        matches!(&self.trust, Trust::Verified(signature) if signature.is_asked)
    }

    /// Returns the bytes of the cookie, as browsers count them: of its value and of its name, if that was pasted too.
    pub fn cookie_length(&self) -> usize {
        self.length + self.name.as_ref().map_or(0, String::len)
    }

    /// Returns a phrase that says which one of several cookies of its name it is.
    pub fn place_in_words(&self) -> Option<String> {
        let (at, count) = self.place?;
        Some(format!(
            "number {at} of {count} of this name; Django reads the last one, hardtack the youngest good one"
        ))
    }

    /// Returns whether it is a session, or may be one.
    pub fn is_session(&self) -> bool {
        self.kind
            .is_some_and(|kind| kind.id == SESSION.id || kind.id == "record")
    }

    /// Returns a sentence about the salt, if the key is right and the salt is not the one that was asked for.
    pub fn other_salt(&self) -> Option<String> {
        let (Trust::Verified(signature) | Trust::Refused(signature)) = &self.trust else {
            return None;
        };
        let (salt, used_for) = (&signature.salt, &signature.used_for);
        (!signature.is_asked)
            .then(|| format!("The key is right, but the salt is {salt} ({used_for})."))
    }
}

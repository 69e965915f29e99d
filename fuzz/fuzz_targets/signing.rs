//! Signed text comes back as it was, whatever text, salt and separator are, and only under the same salt and separator.
//! `Debug` of what was verified shows nothing of it.
//!
//! Fields: text, salt, another salt, separator.

#![no_main]

use std::time::Duration;

use hardtack::signing::{Signer, TimestampSigner, b62_decode, b62_encode};
use hardtack::{Compression, Error, MaxAge, Timestamp};
use hardtack_fuzz::{NOW, assert_readable, ring, texts};
use libfuzzer_sys::fuzz_target;

fn is_refused(error: Option<Error>) {
    assert!(
        matches!(error, Some(Error::BadSignature | Error::NotSigned)),
        "{error:?}"
    );
}

fn plain(text: &str, salt: &str, other: &str, separator: &str) -> Result<(), Error> {
    let signer = Signer::new(ring(1))
        .with_separator(separator)?
        .with_salt(salt);
    let signed = signer.sign(text);
    assert_eq!(signed, [text, separator, &signer.signature(text)].concat());
    let default = "django.core.signing.Signer";
    assert_eq!(signer.salt(), if salt.is_empty() { default } else { salt });
    let verified = signer.verify(&signed)?;
    assert_eq!(verified.text(), text);
    assert_eq!(format!("{verified:?}"), "SignedText { key_index: 0, .. }");
    let value = signer.dumps(text, Compression::Never)?;
    assert_eq!(signer.loads::<String>(&value)?, text);
    is_refused(signer.verify(text).err());
    is_refused(signer.verify(&format!("{signed}A")).err());
    let other = signer.clone().with_salt(&format!("{salt}{other}."));
    is_refused(other.verify(&signed).err());
    Ok(())
}

fn stamped(text: &str, salt: &str, separator: &str) -> Result<(), Error> {
    let signer = TimestampSigner::new(ring(2))
        .with_separator(separator)?
        .with_salt(salt);
    let signed = signer.sign(text, NOW)?;
    let verified = signer.verify(&signed, NOW, MaxAge::default())?;
    assert_eq!((verified.text(), verified.issued_at()), (text, NOW.into()));
    let stamped = [text, separator, &b62_encode(NOW)].concat();
    assert_eq!(signed, signer.signer().sign(&stamped));
    let minute = Duration::from_secs(60);
    let verified = signer.verify(&signed, NOW + 60, minute)?;
    assert_eq!((verified.text(), verified.age()), (text, minute));
    let shown = format!("{:?}", Timestamp::from(NOW));
    assert_eq!(
        format!("{verified:?}"),
        format!("StampedText {{ issued_at: {shown}, age: 60s, key_index: 0, .. }}")
    );
    let error = signer
        .verify(&signed, NOW + 61, minute)
        .expect_err("it is older");
    let (age, max_age) = (minute + Duration::from_secs(1), minute);
    assert_eq!(error, Error::Expired { age, max_age });
    assert_readable(error);
    is_refused(signer.verify(text, NOW, MaxAge::NoLimit).err());

    let value = signer.dumps(text, Compression::Never, NOW)?;
    let again: String = signer.loads(&value, NOW, MaxAge::default())?;
    assert_eq!(again, text);
    Ok(())
}

fuzz_target!(|data: &[u8]| {
    let Some([text, salt, other, separator]) = texts(data) else {
        return;
    };
    for result in [
        plain(text, salt, other, separator),
        stamped(text, salt, separator),
    ] {
        if let Err(error) = result {
            assert_eq!(error, Error::UnsafeSeparator);
            assert_readable(error);
        }
    }
    if let Ok(number) = b62_decode(text) {
        assert_eq!(b62_decode(&b62_encode(number)), Ok(number));
    }
});

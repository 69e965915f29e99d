//! A session becomes a cookie and comes back; then an altered, an old and a rotated cookie, and what each one says.
//!
//! `cargo run -p quickstart`

use hardtack::{Error, KeyRing, SecretKey, Session, SessionCodec};

/// Seconds since 1970. A server passes `Timestamp::now()`; a fixed instant prints the same cookie on every run.
const NOW: i64 = 1_700_000_000;
const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

fn main() -> Result<(), Error> {
    // Made by a generator and kept out of the source, in real life: Django's SECRET_KEY.
    let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?;
    let codec = SessionCodec::new(KeyRing::new(key.clone()));

    let cookie = session_in_cookie_out(&codec)?;
    cookie_in_session_out(&codec, &cookie)?;

    println!("\nThe same cookie, and what becomes of it");
    report("a minute later", &codec, &cookie, NOW + MINUTE);
    report("on its last day", &codec, &cookie, NOW + 14 * DAY);
    report("one day too old", &codec, &cookie, NOW + 15 * DAY);
    report("one letter altered", &codec, &altered(&cookie), NOW);

    println!("\nIt was signed with a key that has been replaced since");
    let new_key = SecretKey::new("the-next-example-just-as-long-from-the-same-generator")?;
    let rotating = SessionCodec::new(KeyRing::new(new_key.clone()).with_fallback(key));
    let retired = SessionCodec::new(KeyRing::new(new_key));
    report("old key is a fallback", &rotating, &cookie, NOW + DAY);
    report("old key is retired", &retired, &cookie, NOW + DAY);

    // Signed by an old key: the same session once more. Only the signing key signs.
    let session = rotating.decode(&cookie, NOW + DAY)?;
    let fresh = rotating.encode(&session, NOW + DAY)?;
    report("fresh cookie, retired key", &retired, &fresh, NOW + DAY);
    Ok(())
}

/// Any type that serde serializes can be put into a session.
fn session_in_cookie_out(codec: &SessionCodec) -> Result<String, Error> {
    let mut session = Session::new();
    session.insert("user", "Zoë")?;
    session.insert("cart", [("lamp", 1), ("boots", 2)])?;

    let cookie = codec.encode(&session, NOW)?;
    println!("Session in    {}", session.to_json());
    println!("Cookie out    {cookie}");
    Ok(cookie)
}

/// A value is parsed when it is asked for, and only that value.
fn cookie_in_session_out(codec: &SessionCodec, cookie: &str) -> Result<(), Error> {
    let session = codec.decode(cookie, NOW + MINUTE)?;
    let user: Option<String> = session.get("user")?;
    let cart: Vec<(String, u32)> = session.get("cart")?.unwrap_or_default();
    println!("Session out   user = {user:?}");
    println!("              cart = {cart:?}");
    Ok(())
}

/// What anyone with the cookie can try: its text is signed, not encrypted, and easy to change.
fn altered(cookie: &str) -> String {
    cookie.replacen('e', "f", 1)
}

fn report(what: &str, codec: &SessionCodec, cookie: &str, now: i64) {
    let says = match codec.verify(cookie, now) {
        Ok(verified) if verified.key_index() > 0 => {
            format!("good, by fallback key {}", verified.key_index())
        }
        Ok(verified) => format!("good, {} s old", verified.age().as_secs()),
        Err(error) => format!("refused: {error}"),
    };
    println!("  {what:<28}{says}");
}

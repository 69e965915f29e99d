//! How a browser reads `Set-Cookie`: RFC 6265bis, section 5, without its rules about hosts and schemes.

/// What a browser stores of a `Set-Cookie` header. Of attributes that occur several times, it uses the last one.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Stored {
    pub name: String,
    pub value: String,
    /// In lower case, without a leading dot.
    pub domain: Option<String>,
    /// `None` means the path of the request.
    pub path: Option<String>,
    /// As it was sent: a browser cuts it to 400 days.
    pub max_age: Option<i64>,
    /// Unix seconds.
    pub expires: Option<i64>,
    pub same_site: Option<SameSite>,
    pub is_secure: bool,
    pub is_http_only: bool,
    pub is_partitioned: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum SameSite {
    None,
    Lax,
    Strict,
}

/// Section 5.6 and the part of section 5.7 that does not depend on the request, and CHIPS for `Partitioned`. Returns `None`
/// for a header that a browser ignores.
pub fn stored(header: &str) -> Option<Stored> {
    let is_control = |byte: u8| matches!(byte, 0..=8 | 0x0a..=0x1f | 0x7f);
    if header.bytes().any(is_control) {
        return None;
    }
    let mut parts = header.split(';');
    let pair = parts.next()?;
    let (name, value) = pair.split_once('=').unwrap_or(("", pair));
    let (name, value) = (trimmed(name), trimmed(value));
    if name.len() + value.len() > 4096 || name.is_empty() && value.is_empty() {
        return None;
    }
    let mut stored = Stored {
        name: name.into(),
        value: value.into(),
        ..Stored::default()
    };
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let (name, value) = (trimmed(name), trimmed(value));
        if value.len() <= 1024 {
            stored.apply(&name.to_ascii_lowercase(), value);
        }
    }
    stored.is_kept().then_some(stored)
}

impl Stored {
    /// Sections 5.6.1 to 5.6.7.
    fn apply(&mut self, name: &str, value: &str) {
        match name {
            "expires" => self.expires = date(value).or(self.expires),
            "max-age" => self.max_age = max_age(value).or(self.max_age),
            "domain" => {
                let domain = value.strip_prefix('.').unwrap_or(value);
                self.domain = Some(domain.to_ascii_lowercase()).filter(|domain| !domain.is_empty());
            }
            "path" => self.path = value.starts_with('/').then(|| value.into()),
            "secure" => self.is_secure = true,
            "httponly" => self.is_http_only = true,
            "partitioned" => self.is_partitioned = true,
            "samesite" => {
                self.same_site = match &*value.to_ascii_lowercase() {
                    "none" => Some(SameSite::None),
                    "lax" => Some(SameSite::Lax),
                    "strict" => Some(SameSite::Strict),
                    _ => None,
                }
            }
            _ => {}
        }
    }

    /// Section 5.7: what a browser requires of `Secure`, and of names with prefixes.
    fn is_kept(&self) -> bool {
        let has_prefix = |prefix: &str| {
            let start = self.name.get(..prefix.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        };
        let is_of_host = self.domain.is_none() && self.path.as_deref() == Some("/");
        let needs_secure = self.is_partitioned
            || self.same_site == Some(SameSite::None)
            || ["__Secure-", "__Host-", "__Http-"]
                .into_iter()
                .any(has_prefix);
        let needs_http_only = has_prefix("__Http-") || has_prefix("__Host-Http-");
        (self.is_secure || !needs_secure)
            && (self.is_http_only || !needs_http_only)
            && (is_of_host || !has_prefix("__Host-"))
    }
}

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// Section 5.6.2.
fn max_age(value: &str) -> Option<i64> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let is_number = !value.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| value.parse().ok())?
}

/// Section 5.1.1. Returns Unix seconds.
fn date(text: &str) -> Option<i64> {
    let is_delimiter = |c: char| matches!(c, '\t' | ' '..='/' | ';'..='@' | '['..='`' | '{'..='~');
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(is_delimiter) {
        if time.is_none() && clock(token).is_some() {
            time = clock(token);
        } else if day.is_none() && number(token, 1, 2).is_some() {
            day = number(token, 1, 2);
        } else if month.is_none() && month_of(token).is_some() {
            month = month_of(token);
        } else if year.is_none() && number(token, 2, 4).is_some() {
            year = number(token, 2, 4);
        }
    }
    let ([hour, minute, second], day, month) = (time?, day?, month?);
    let year = match year? {
        year @ 70..=99 => year + 1900,
        year @ 0..=69 => year + 2000,
        year => year,
    };
    let is_date =
        (1..=31).contains(&day) && year >= 1601 && hour <= 23 && minute <= 59 && second <= 59;
    // The days from 1 March of the year 0, in which 29 February is the last day of a year, to the epoch: 719,468.
    let (years, months) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = years * 365 + years / 4 - years / 100 + years / 400 + (months * 153 + 2) / 5 + day
        - 1
        - 719_468;
    is_date.then_some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

/// Returns hour, minute and second.
fn clock(token: &str) -> Option<[i64; 3]> {
    let mut parts = token.splitn(3, ':');
    let mut next = || number(parts.next()?, 1, 2);
    Some([next()?, next()?, next()?])
}

/// Returns the number of `least` to `most` digits at the start of a token. No other digit may follow.
fn number(token: &str, least: usize, most: usize) -> Option<i64> {
    let digits = token.bytes().take_while(u8::is_ascii_digit).count();
    (least..=most)
        .contains(&digits)
        .then(|| token[..digits].parse().ok())?
}

fn month_of(token: &str) -> Option<i64> {
    let start = token.get(..3)?.to_ascii_lowercase();
    let months = "janfebmaraprmayjunjulaugsepoctnovdec";
    let at = (0..12).find(|at| months[at * 3..at * 3 + 3] == *start)?;
    i64::try_from(at + 1).ok()
}

//! A request, the actions of its view, and the settings of both sides.

use std::time::Duration;

use hardtack::{SameSite, SessionCodec, SessionMiddleware, SessionSettings, SetCookie};
use serde::Serialize;
use serde_json::Value;

use crate::oracle::{Key, ring};

/// Django's settings, with Django's names.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(clippy::struct_excessive_bools, reason = "as Django has them")]
pub struct Settings {
    pub session_cookie_name: &'static str,
    pub session_cookie_age: u32,
    pub session_cookie_path: &'static str,
    pub session_cookie_domain: Option<&'static str>,
    pub session_cookie_secure: bool,
    pub session_cookie_httponly: bool,
    pub session_cookie_samesite: Option<&'static str>,
    pub session_expire_at_browser_close: bool,
    pub session_save_every_request: bool,
    pub secret_key: &'static str,
    pub secret_key_fallbacks: Vec<&'static str>,
    /// Whether a session's own expiry is enforced on reading. Only our side has this setting.
    #[serde(skip)]
    pub enforces_expiry: bool,
}

impl Settings {
    pub fn keys(&self) -> Vec<Key> {
        std::iter::once(&self.secret_key)
            .chain(&self.secret_key_fallbacks)
            .map(|&key| Key::Text(key.into()))
            .collect()
    }

    pub fn codec(&self) -> SessionCodec {
        let codec = SessionCodec::new(ring(&self.keys()))
            .with_max_age(Duration::from_secs(self.session_cookie_age.into()));
        if self.enforces_expiry {
            codec
        } else {
            codec.ignore_session_expiry()
        }
    }

    /// Returns our middleware with these settings.
    pub fn middleware(&self) -> SessionMiddleware {
        let settings = SessionSettings::default()
            .with_age(Duration::from_secs(self.session_cookie_age.into()))
            .with_expire_at_browser_close(self.session_expire_at_browser_close)
            .with_save_every_request(self.session_save_every_request)
            .with_cookie(self.cookie());
        SessionMiddleware::new(self.codec())
            .with_settings(settings.expect("browsers take it"))
            .expect("one age")
    }

    fn cookie(&self) -> SetCookie {
        let mut cookie = SetCookie::new(self.session_cookie_name)
            .with_path(self.session_cookie_path)
            .with_secure(self.session_cookie_secure)
            .with_http_only(self.session_cookie_httponly);
        if let Some(domain) = self.session_cookie_domain {
            cookie = cookie.with_domain(domain);
        }
        match self.session_cookie_samesite {
            None => cookie.without_same_site(),
            Some("Strict") => cookie.with_same_site(SameSite::Strict),
            Some("None") => cookie.with_same_site(SameSite::None),
            Some("Lax") => cookie.with_same_site(SameSite::Lax),
            Some(other) => panic!("SameSite={other}"),
        }
    }
}

/// What a view does with the session, in the form that `middleware.py` reads.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Action {
    Get { key: &'static str },
    Set { key: &'static str, value: Value },
    Pop { key: &'static str },
    Delete { key: &'static str },
    SetDefault { key: &'static str, value: Value },
    Update { pairs: Value },
    Clear,
    Flush,
    Cycle,
    ExpireAfter { seconds: u64 },
    ExpireAt { seconds: i64 },
    ExpireWithBrowser,
    ExpireByDefault,
    SetTestCookie,
    TestCookieWorked,
}

#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: String,
    pub question: Question,
    /// The question whose answer by Django our side may give instead.
    pub stand_in: Option<StandIn>,
}

/// A question to both sides.
#[derive(Clone, Debug, Serialize)]
pub struct Question {
    pub settings: Settings,
    pub now: f64,
    pub headers: Vec<String>,
    pub actions: Vec<Action>,
    pub status: u16,
    /// Other headers of the view's response.
    pub response: ViewResponse,
}

/// Headers of the view's own.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ViewResponse {
    pub cache_control: Option<&'static str>,
    pub vary: Option<&'static str>,
    /// A cookie with the session's name: its value and its path.
    pub cookie: Option<(String, &'static str)>,
}

impl ViewResponse {
    pub fn headers(&self, settings: &Settings) -> Vec<(&'static str, Vec<u8>)> {
        let set_cookie = self.cookie.as_ref().map(|(value, path)| {
            let name = settings.session_cookie_name;
            let domain = settings.session_cookie_domain;
            let domain = domain.map_or(String::new(), |domain| format!("; Domain={domain}"));
            format!("{name}={value}; Path={path}{domain}")
        });
        let text = |text: Option<&str>| text.map(|text| text.as_bytes().to_vec());
        [
            ("cache-control", text(self.cache_control)),
            ("vary", text(self.vary)),
            ("set-cookie", set_cookie.map(String::into_bytes)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    pub fn is_shared(&self) -> bool {
        let says = |word| self.cache_control.is_some_and(|text| text.contains(word));
        says("public") || says("s-maxage")
    }
}

/// Where our side differs on purpose, it must do exactly what Django does for another question, the stand-in. This is
/// stricter than a description of our answer, because Django also answers the stand-in.
#[derive(Clone, Debug)]
pub struct StandIn {
    pub kind: &'static str,
    pub question: Question,
}

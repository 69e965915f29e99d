//! The settings of a session's cookie are checked when they are created: accepted settings produce cookies that
//! browsers keep.

mod common;

use std::time::Duration;

use hardtack::{Error, MaxAge, SameSite, Session, SessionMiddleware, SessionSettings, SetCookie};

use common::{NOW, codec};

const NONE: [(&str, &str); 0] = [];
const NAMES: [&str; 12] = [
    "sessionid",
    "",
    "a b",
    "é",
    "__Secure-a",
    "__sEcure-a",
    "__Host-a",
    "__HOST-a",
    "__Http-a",
    "__http-a",
    "__Host-Http-a",
    "__host-HTTP-a",
];

/// Returns whether a browser keeps this cookie with all its attributes: the rules of RFC 6265bis for prefixes and
/// sizes, those of CHIPS, and the grammar of each part.
fn browser_keeps(header: &str) -> bool {
    let mut parts = header.split("; ");
    let (name, _) = parts
        .next()
        .and_then(|pair| pair.split_once('='))
        .expect("a pair");
    let attributes: Vec<&str> = parts.collect();
    let says = |attribute: &str| attributes.contains(&attribute);
    let value = |name: &str| {
        let mut values = attributes.iter().filter_map(|it| it.strip_prefix(name));
        let value = values.next();
        assert!(values.next().is_none(), "{header}");
        value
    };
    let (path, domain) = (value("Path=").expect("a path"), value("Domain="));
    let lower = name.to_lowercase();
    let is_http = lower.starts_with("__http-") || lower.starts_with("__host-http-");
    let is_host = lower.starts_with("__host-");
    let is_prefixed = is_http || is_host || lower.starts_with("__secure-");
    let must_be_secure = is_prefixed || says("SameSite=None") || says("Partitioned");
    let is_label = |label: &str| {
        let mut chars = label.chars();
        !label.is_empty() && chars.all(|it| it.is_ascii_alphanumeric() || it == '-')
    };
    let is_host_name = |domain: &str| {
        domain.trim_start_matches('.').split('.').all(is_label) && !domain.starts_with("..")
    };
    !name.is_empty()
        && header.is_ascii()
        && !name.contains(' ')
        && (!must_be_secure || says("Secure"))
        && (!is_http || says("HttpOnly"))
        && (!is_host || path == "/" && domain.is_none())
        && path.starts_with('/')
        && path.len() <= 1024
        && domain.is_none_or(|it| is_host_name(it) && it.len() <= 1024)
}

/// Returns cookies with all names, flags, paths and domains, each with the header that it would have without checks.
fn cookies() -> Vec<(SetCookie, String)> {
    let long_path = format!("/{}", "p".repeat(1024));
    let long_domain = ["d".repeat(1020), "d.org".into()].join(".");
    let paths = ["/", "/app", "", "app", "/é", long_path.as_str()];
    let domains = [
        None,
        Some("example.org"),
        Some(".example.org"),
        Some(""),
        Some("."),
        Some("a..b"),
        Some("localhost:3000"),
        Some("https://example.org"),
        Some("example.org/"),
        Some("exämple.org"),
        Some("a b"),
        Some("*.example.org"),
        Some(long_domain.as_str()),
    ];
    let same_sites = [
        None,
        Some((SameSite::Strict, "Strict")),
        Some((SameSite::Lax, "Lax")),
        Some((SameSite::None, "None")),
    ];
    let mut cookies = Vec::new();
    for (name, path) in NAMES
        .into_iter()
        .flat_map(|name| paths.map(|path| (name, path)))
    {
        for (domain, same_site) in domains
            .into_iter()
            .flat_map(|domain| same_sites.map(|same_site| (domain, same_site)))
        {
            for flags in 0..8 {
                let [is_secure, is_http_only, is_partitioned] =
                    [1, 2, 4].map(|bit| flags & bit > 0);
                let mut cookie = SetCookie::new(name)
                    .with_path(path)
                    .with_secure(is_secure)
                    .with_http_only(is_http_only)
                    .with_partitioned(is_partitioned);
                let mut header = vec![format!("{name}="), format!("Path={path}")];
                let said = [
                    (is_secure, "Secure"),
                    (is_http_only, "HttpOnly"),
                    (is_partitioned, "Partitioned"),
                ];
                let said = said.into_iter().filter(|(is_said, _)| *is_said);
                header.extend(said.map(|(_, attribute)| attribute.to_owned()));
                if let Some(domain) = domain {
                    cookie = cookie.with_domain(domain);
                    header.push(format!("Domain={domain}"));
                }
                cookie = match same_site {
                    None => cookie.without_same_site(),
                    Some((same_site, text)) => {
                        header.push(format!("SameSite={text}"));
                        cookie.with_same_site(same_site)
                    }
                };
                cookies.push((cookie, header.join("; ")));
            }
        }
    }
    cookies
}

fn set_cookie(middleware: &SessionMiddleware, cookie: &str, handler: fn(&mut Session)) -> String {
    let mut loaded = middleware.load([cookie], NOW);
    handler(&mut loaded.session);
    let answer = middleware.answer(&loaded, 200, NONE, NOW);
    let header = answer.expect("judged before").headers.swap_remove(0);
    assert_eq!(header.name, "set-cookie");
    String::from_utf8(header.value).expect("ASCII")
}

/// A browser keeps every cookie that the settings accept, and obeys its deletion. It would drop every other cookie.
#[test]
fn browsers_keep_exactly_the_accepted_cookies() {
    let mut taken = 0;
    for (cookie, header) in cookies() {
        // The template's value and end do not matter.
        let template = cookie.clone().with_value("not ASCII: é");
        let template = template.with_expires(i64::MAX).with_max_age(-1);
        let settings = SessionSettings::default().with_cookie(template);
        assert_eq!(settings.is_ok(), browser_keeps(&header), "{header}");
        let settings = match settings {
            Ok(settings) => settings,
            Err(error) => {
                assert_eq!(cookie.to_header(), Err(error), "{header}");
                assert!(error.is_usage());
                continue;
            }
        };
        let middleware = SessionMiddleware::new(codec())
            .with_settings(settings)
            .expect("one age");
        let set = set_cookie(&middleware, "", |session| {
            session.insert("user", 7).expect("JSON");
        });
        let deleted = set_cookie(&middleware, &set, Session::flush);
        assert!(
            browser_keeps(&set) && set.contains("; Max-Age=1209600; "),
            "{set}"
        );
        assert!(browser_keeps(&deleted), "{deleted}");
        assert!(deleted.contains("; Max-Age=0; "), "{deleted}");
        taken += 1;
    }
    assert!(taken > 400, "{taken}");
}

/// The cookie and the codec have the age of the settings. A codec with another age is refused.
#[test]
fn cookie_and_codec_have_the_age_of_the_settings() {
    let seconds = Duration::from_secs;
    let aged = |age| SessionSettings::default().with_age(age);
    let two_weeks = seconds(14 * 86_400);
    let plain = || SessionMiddleware::new(codec());
    let with_max_age = |age: MaxAge| SessionMiddleware::new(codec().with_max_age(age));

    // Returns the cookie's `Max-Age`, and whether the cookie is still read at its end and a second later.
    let lasts = |middleware: &SessionMiddleware| {
        let mut loaded = middleware.load([""], NOW);
        loaded.session.insert("a", 1).expect("JSON");
        let answer = middleware.answer(&loaded, 200, NONE, NOW);
        let header = answer.expect("an answer").headers.swap_remove(0).value;
        let header = String::from_utf8(header).expect("ASCII");
        let (_, rest) = header.split_once("; Max-Age=").expect("an age");
        let age = rest.split(';').next().expect("a number");
        let age: i64 = age.parse().expect("a number");
        let cookie = header.split(';').next().expect("a pair");
        let is_read = |after| {
            middleware
                .load([cookie], NOW + age + after)
                .refusal()
                .is_none()
        };
        (age, is_read(0), is_read(1))
    };
    let settings = |middleware: SessionMiddleware, age| {
        let configured = middleware.with_settings(aged(age));
        configured.as_ref().map(lasts).map_err(|error| *error)
    };
    assert_eq!(lasts(&plain()), (1_209_600, true, false));
    assert_eq!(settings(plain(), two_weeks), Ok((1_209_600, true, false)));
    assert_eq!(settings(plain(), seconds(60)), Ok((60, true, false)));
    let twice = plain().with_settings(aged(seconds(60))).expect("one age");
    assert_eq!(settings(twice, seconds(90)), Ok((90, true, false)));

    let minute = || with_max_age(seconds(60).into());
    assert_eq!(lasts(&minute()), (60, true, false));
    assert_eq!(settings(minute(), seconds(60)), Ok((60, true, false)));
    assert_eq!(settings(minute(), seconds(61)), Err(Error::ConflictingAges));
    assert_eq!(settings(minute(), two_weeks), Err(Error::ConflictingAges));
    let explicit = with_max_age(two_weeks.into());
    assert_eq!(settings(explicit, seconds(60)), Err(Error::ConflictingAges));

    let unlimited = || with_max_age(MaxAge::NoLimit);
    assert_eq!(lasts(&unlimited()), (1_209_600, true, true));
    assert_eq!(
        settings(unlimited(), two_weeks),
        Err(Error::ConflictingAges)
    );
}

//! Cookies that are known by their names, since their values are random.

use super::{Kind, Recognized};

/// Names, or beginnings of names if they end in `*`.
const NAMES: &[(&[&str], Kind)] = &[
    (
        &["csrftoken", "csrfmiddlewaretoken"],
        Kind::new(
            "csrf",
            "A CSRF token of Django.",
            "It protects forms and says nothing about the session. The session is in the cookie sessionid.",
        )
        .aside(),
    ),
    (&["PHPSESSID"], PHP),
    (
        &["JSESSIONID"],
        Kind::new(
            "java",
            "A session id of Java (Tomcat, Jetty, Spring).",
            "The session is on the server, under this id. There is nothing in the cookie to look into.",
        ),
    ),
    (
        &["ASP.NET_SessionId", "ASPSESSIONID*"],
        Kind::new(
            "asp-net",
            "A session id of ASP.NET.",
            "The session is on the server, under this id. There is nothing in the cookie to look into.",
        ),
    ),
    (
        &["wordpress_*", "wp-settings-*"],
        Kind::new(
            "wordpress",
            "A cookie of WordPress.",
            "It names the user, with an HMAC under the site's salts. WordPress keeps no session.",
        ),
    ),
    (
        &["XSRF-TOKEN", "_csrf", "_xsrf", "csrf_token", "csrf-token"],
        Kind::new(
            "csrf-other",
            "A CSRF token of a framework other than Django.",
            "It protects forms and says nothing about the session.",
        )
        .aside(),
    ),
    (
        &["_ga*", "_gid", "_fbp", "_pk_*", "_hj*", "__utm*", "ajs_*"],
        Kind::new(
            "analytics",
            "A cookie of an analytics script.",
            "It counts visitors. The session is in another cookie.",
        )
        .vague(),
    ),
    (
        &["__cf_bm", "cf_clearance", "__cfduid", "AWSALB*", "GCLB"],
        Kind::new(
            "proxy",
            "A cookie of a proxy or load balancer in front of the site.",
            "The site itself does not read it. The session is in another cookie.",
        )
        .vague(),
    ),
];

const DELETED: Kind = Kind::new(
    "deleted",
    "A cookie without a value.",
    "An answer that sets it so, with Max-Age=0, deletes the cookie in the browser: after signing out, for example. There is \
     nothing to verify.",
);
const PHP: Kind = Kind::new(
    "php",
    "A session id of PHP.",
    "The session is on the server, under this id. There is nothing in the cookie to look into.",
);

pub(super) fn recognize(name: &str, value: &str) -> Option<Recognized> {
    if value.is_empty() {
        return Some(Recognized::of(DELETED));
    }
    let is = |pattern: &&str| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *pattern,
    };
    let (_, kind) = NAMES.iter().find(|(names, _)| names.iter().any(is))?;
    Some(Recognized::of(*kind))
}

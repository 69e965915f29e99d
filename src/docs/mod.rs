//! Longer pages: references, recipes, and how the crate is built. There is no code here.

/// Mounts a page. Its links are for readers of the repository. The definitions in front of the page count first, and make
/// the same links work in these docs.
macro_rules! pages {
    ($($name:ident $file:literal $summary:literal;)*) => {$(
        #[doc = $summary]
        ///
        /// [architecture]: crate::docs::architecture
        /// [changelog]: crate::docs::changelog
        /// [dependencies]: crate::docs::dependencies
        /// [django]: crate::docs::django
        /// [edge]: crate::docs::edge
        /// [errors]: crate::docs::errors
        /// [frameworks]: crate::docs::frameworks
        /// [limits]: crate::docs::limits
        /// [performance]: crate::docs::performance
        /// [recipes]: crate::docs::recipes
        /// [stateless]: crate::docs::stateless
        /// [threats]: crate::docs::threats
        /// [wire_format]: crate::docs::wire_format
        /// [hardtack-stores]: https://docs.rs/hardtack-stores
        #[doc = concat!("[examples/axum]: ", env!("CARGO_PKG_REPOSITORY"), "/tree/main/examples/axum")]
        #[doc = concat!("[examples/counters]: ", env!("CARGO_PKG_REPOSITORY"), "/tree/main/examples/counters")]
        #[doc = concat!("[examples/django-stores]: ", env!("CARGO_PKG_REPOSITORY"), "/tree/main/examples/django-stores")]
        #[doc = concat!("[examples/edge]: ", env!("CARGO_PKG_REPOSITORY"), "/tree/main/examples/edge")]
        #[doc = concat!("[examples/edge-rust/fastly]: ", env!("CARGO_PKG_REPOSITORY"), "/tree/main/examples/edge-rust/fastly")]
        #[doc = concat!("[examples/edge-rust/wasi]: ", env!("CARGO_PKG_REPOSITORY"), "/tree/main/examples/edge-rust/wasi")]
        #[doc = concat!("[examples/edge-rust/workers]: ", env!("CARGO_PKG_REPOSITORY"), "/tree/main/examples/edge-rust/workers")]
        #[doc = concat!("[examples/inspect]: ", env!("CARGO_PKG_REPOSITORY"), "/tree/main/examples/inspect")]
        #[doc = concat!("[examples/inspector]: ", env!("CARGO_PKG_REPOSITORY"), "/tree/main/examples/inspector")]
        #[doc = concat!("[examples/login]: ", env!("CARGO_PKG_REPOSITORY"), "/tree/main/examples/login")]
        #[doc = concat!("[examples/shared-login]: ", env!("CARGO_PKG_REPOSITORY"), "/tree/main/examples/shared-login")]
        #[doc = concat!("[SECURITY]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/.github/SECURITY.md")]
        #[doc = concat!("[stores/tests/cached]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/stores/tests/cached.rs")]
        #[doc = concat!("[stores/tests/files]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/stores/tests/files.rs")]
        #[doc = concat!("[stores/tests/logs]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/stores/tests/logs.rs")]
        #[doc = concat!("[stores/tests/memcached]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/stores/tests/memcached.rs")]
        #[doc = concat!("[stores/tests/pickle]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/stores/tests/pickle.rs")]
        #[doc = concat!("[tests/allocations]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/allocations.rs")]
        #[doc = concat!("[tests/auth]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/auth.rs")]
        #[doc = concat!("[tests/axum_users]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/axum_users.rs")]
        #[doc = concat!("[tests/browsers]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/browsers.rs")]
        #[doc = concat!("[tests/cookies]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/cookies.rs")]
        #[doc = concat!("[tests/expiry]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/expiry.rs")]
        #[doc = concat!("[tests/hmac]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/hmac.rs")]
        #[doc = concat!("[tests/interface]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/interface.rs")]
        #[doc = concat!("[tests/keyed/decisions]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/keyed/decisions.rs")]
        #[doc = concat!("[tests/keyed/faults]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/keyed/faults.rs")]
        #[doc = concat!("[tests/keyed/model]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/keyed/model.rs")]
        #[doc = concat!("[tests/keys]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/keys.rs")]
        #[doc = concat!("[tests/layers]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/layers.rs")]
        #[doc = concat!("[tests/limits]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/limits.rs")]
        #[doc = concat!("[tests/malformed]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/malformed.rs")]
        #[doc = concat!("[tests/middleware]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/middleware.rs")]
        #[doc = concat!("[tests/own_expiry]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/own_expiry.rs")]
        #[doc = concat!("[tests/properties]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/properties.rs")]
        #[doc = concat!("[tests/records]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/records.rs")]
        #[doc = concat!("[tests/reports]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/reports.rs")]
        #[doc = concat!("[tests/secrecy]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/secrecy.rs")]
        #[doc = concat!("[tests/session]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/session.rs")]
        #[doc = concat!("[tests/stored]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/stored.rs")]
        #[doc = concat!("[tests/tamper]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/tamper.rs")]
        #[doc = concat!("[tests/tower]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/tower.rs")]
        #[doc = concat!("[tests/vectors]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/vectors.rs")]
        #[doc = concat!("[tests/wiping]: ", env!("CARGO_PKG_REPOSITORY"), "/blob/main/tests/wiping/tests/wiped.rs")]
        #[doc = include_str!($file)]
        pub mod $name {}
    )*};
}

pages! {
    django "django.md" "Django's settings and methods, and where hardtack differs.";
    recipes "recipes.md" "Short answers with code: sign in, remember me, flash messages, key rotation.";
    frameworks "frameworks.md" "The layer, and how to write one for a framework that has none.";
    stateless "stateless.md" "What a session in a cookie can and cannot do, with questions and answers.";
    edge "edge.md" "Sessions at the edge: hosts, in JavaScript and in Rust.";
    threats "threats.md" "What an attacker can try, what hardtack does, and what is left to you.";
    limits "limits.md" "Every limit, what happens beyond it, and what the worst inputs cost.";
    errors "errors.md" "Every error, and when it comes.";
    wire_format "wire_format.md" "What is in a cookie, to the byte.";
    performance "performance.md" "What it costs, with the commands that measure it.";
    architecture "architecture.md" "How the crate is built, for those who change it.";
    dependencies "dependencies.md" "Each dependency, why it is there, and its `unsafe`.";
    changelog "changelog.md" "What each version has.";
}

/// The snippets of the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub mod readme {}

//! Longer pages: references, recipes, and how the crate is built. There is no code here.

/// Mounts a page. Its links are for readers of the repository. The definitions in front of the page count first, and make
/// the same links work in these docs.
macro_rules! pages {
    ($($name:ident $file:literal $summary:literal;)*) => {$(
        #[doc = $summary]
        ///
        /// [architecture]: crate::docs::architecture
        /// [changelog]: crate::docs::changelog
        /// [django]: crate::docs::django
        /// [edge]: crate::docs::edge
        /// [errors]: crate::docs::errors
        /// [frameworks]: crate::docs::frameworks
        /// [limits]: crate::docs::limits
        /// [performance]: crate::docs::performance
        /// [recipes]: crate::docs::recipes
        /// [stateless]: crate::docs::stateless
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
    limits "limits.md" "Every limit and default.";
    errors "errors.md" "Every error, and when it comes.";
    wire_format "wire_format.md" "What is in a cookie, to the byte.";
    performance "performance.md" "What it costs, with the commands that measure it.";
    architecture "architecture.md" "How the crate is built, for those who change it.";
    changelog "changelog.md" "What each version has.";
}

/// The snippets of the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub mod readme {}

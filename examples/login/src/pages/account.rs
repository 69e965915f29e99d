//! The forms of an account.

use hardtack::axum::{login_url, safe_next};
use maud::{Markup, html};

use super::{account_links, layout, links};
use crate::users::User;
use crate::visitor::Visitor;

/// What was filled in before. The password is never sent back.
#[derive(Clone, Copy, Default)]
pub(crate) struct Fields<'a> {
    /// The page to go to afterwards.
    pub(crate) next: &'a str,
    pub(crate) name: &'a str,
    pub(crate) remember: bool,
}

pub(crate) fn sign_up_page(visitor: &Visitor, fields: Fields<'_>, reason: Option<&str>) -> Markup {
    let content = html! {
        section.card.narrow {
            h1 { "Sign up" }
            form.fields method="post" action="/sign-up" {
                (common(fields, "new-password", reason))
                button { "Sign up" }
            }
            p.other { "Already have an account? " a href=(login_url("/sign-in", fields.next)) { "Sign in" } "." }
        }
    };
    layout("Sign up", &links(visitor), &content)
}

pub(crate) fn sign_in_page(visitor: &Visitor, fields: Fields<'_>, reason: Option<&str>) -> Markup {
    let content = html! {
        section.card.narrow {
            h1 { "Sign in" }
            form.fields method="post" action="/sign-in" {
                (common(fields, "current-password", reason))
                button { "Sign in" }
            }
            p.other { "No account yet? " a href=(login_url("/sign-up", fields.next)) { "Sign up" } "." }
        }
    };
    layout("Sign in", &links(visitor), &content)
}

pub(crate) fn password_page(user: &User, reason: Option<&str>) -> Markup {
    let content = html! {
        section.card.narrow {
            h1 { "Change the password" }
            form.fields method="post" action="/password" {
                (problem(reason))
                // For the browser's password manager, which needs the user's name.
                input type="text" name="name" value=(user.name) autocomplete="username" hidden;
                label for="current" { "Current password" }
                input #current type="password" name="current" autocomplete="current-password"
                    required autofocus aria-describedby=[reason.map(|_| "problem")];
                label for="password" { "New password" }
                (password_field("new-password", false))
                button { "Change the password" }
            }
            p.other { "You stay signed in here, and are signed out everywhere else." }
        }
    };
    layout("Change the password", &account_links(Some(user)), &content)
}

fn common(fields: Fields<'_>, password: &str, reason: Option<&str>) -> Markup {
    // After a refused sign-in, the password is probably wrong, and not the name.
    let is_wrong = reason.is_some() && password == "current-password";
    html! {
        (problem(reason))
        @if let Some(next) = safe_next(fields.next) {
            input type="hidden" name="next" value=(next);
        }
        label for="name" { "Name" }
        input #name name="name" value=(fields.name) autocomplete="username" autocapitalize="none"
            spellcheck="false" required maxlength="32" autofocus[!is_wrong]
            aria-describedby=[reason.map(|_| "problem")];
        label for="password" { "Password" }
        (password_field(password, is_wrong))
        label.check {
            input type="checkbox" name="remember" checked[fields.remember];
            span {
                "Remember me for two weeks"
                small { "Otherwise you are signed out after 12 hours." }
            }
        }
    }
}

/// `kind` is for the browser's password manager: `current-password` or `new-password`.
fn password_field(kind: &str, is_wrong: bool) -> Markup {
    let is_new = kind == "new-password";
    let description = if is_new { "password-hint" } else { "problem" };
    html! {
        input #password type="password" name="password" autocomplete=(kind) required autofocus[is_wrong]
            minlength=[is_new.then_some("8")] maxlength="128" aria-describedby=[(is_new || is_wrong).then_some(description)];
        @if is_new {
            p.hint #password-hint { "At least 8 characters. A few words make a good one." }
        }
    }
}

fn problem(reason: Option<&str>) -> Markup {
    html! {
        @if let Some(reason) = reason {
            p.problem #problem role="alert" { (reason) }
        }
    }
}

//! The forms of an account.

use maud::{Markup, html};

use super::{account_links, layout};
use crate::users::User;
use crate::visitor::Visitor;

/// What somebody filled in before. The password is never sent back.
#[derive(Clone, Copy, Default)]
pub(crate) struct Fields<'a> {
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
            p.other { "You have an account? " a href="/sign-in" { "Sign in" } "." }
        }
    };
    layout("Sign up", &account_links(visitor.user.as_ref()), &content)
}

pub(crate) fn sign_in_page(visitor: &Visitor, fields: Fields<'_>, reason: Option<&str>) -> Markup {
    let content = html! {
        section.card.narrow {
            h1 { "Sign in" }
            form.fields method="post" action="/sign-in" {
                (common(fields, "current-password", reason))
                button { "Sign in" }
            }
            p.other { "You have no account yet? " a href="/sign-up" { "Sign up" } "." }
        }
    };
    layout("Sign in", &account_links(visitor.user.as_ref()), &content)
}

pub(crate) fn password_page(user: &User, reason: Option<&str>) -> Markup {
    let content = html! {
        section.card.narrow {
            h1 { "Change the password" }
            form.fields method="post" action="/password" {
                (problem(reason))
                // For the browser's store of passwords, which has to know whose this is.
                input type="text" name="name" value=(user.name) autocomplete="username" hidden;
                label for="current" { "Current password" }
                input #current type="password" name="current" autocomplete="current-password"
                    required autofocus aria-describedby=[reason.map(|_| "problem")];
                label for="password" { "New password" }
                (password_field("new-password"))
                button { "Change the password" }
            }
            p.other { "You stay signed in here, and are signed out everywhere else." }
        }
    };
    layout("Change the password", &account_links(Some(user)), &content)
}

fn common(fields: Fields<'_>, password: &str, reason: Option<&str>) -> Markup {
    html! {
        (problem(reason))
        label for="name" { "Name" }
        input #name name="name" value=(fields.name) autocomplete="username" autocapitalize="none"
            spellcheck="false" required maxlength="32" autofocus
            aria-describedby=[reason.map(|_| "problem")];
        label for="password" { "Password" }
        (password_field(password))
        label.check {
            input type="checkbox" name="remember" checked[fields.remember];
            span {
                "Remember me for 30 days"
                small { "Else you are signed out after 12 hours." }
            }
        }
    }
}

/// `kind` is for the browser's store of passwords: `current-password` or `new-password`.
fn password_field(kind: &str) -> Markup {
    let is_new = kind == "new-password";
    html! {
        input #password type="password" name="password" autocomplete=(kind) required
            minlength=[is_new.then_some("8")] maxlength="128"
            aria-describedby=[is_new.then_some("password-hint")];
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

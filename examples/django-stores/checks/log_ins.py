"""Signing in and out on each side, and values from one side to the other."""

import threading
import time

from browser import Browser
from check import admin_is_open, at_django, at_rust, check, equal, exists, is_deleted, needs_a_record, is_anonymous, VALUES


@check(1, "a log-in at Django's admin, with its CSRF form")
def django_signs_in(stack):
    stack.browser = at_django(stack)
    assert admin_is_open(stack, stack.browser)


@check(2, "Rust verifies that log-in by its hash")
def rust_knows_the_user(stack):
    equal(stack.browser.get(stack.rust).user, "admiral")


@check(3, "reading sets no cookie, and varies by it")
def reading_is_quiet(stack):
    response = stack.browser.get(stack.rust)
    equal(response.cookie(), None)
    assert "cookie" in response.vary


@check(4, "Rust reads Django's values: 2**70, Zoë, lists")
def rust_reads(stack):
    stack.browser.set(stack.django, django=VALUES)
    equal(stack.browser.get(stack.rust).session["django"], VALUES)


@check(5, "Rust writes under the same key")
def rust_writes(stack):
    key = stack.browser.key
    stack.browser.set(stack.rust, rust=VALUES)
    equal(stack.browser.key == key, stack.kind != "signed_cookies")


@check(6, "Django reads its own values, and Rust's")
def django_reads(stack):
    session = stack.browser.get(stack.django).session
    equal((session["django"], session["rust"]), (VALUES, VALUES))
    equal(session, stack.browser.get(stack.rust).session)


@check(7, "a handler that asks for no session sends nothing about one")
def no_session_no_headers(stack):
    response = stack.browser.get(stack.rust, "/plain")
    equal((response.status, response.cookie()), (200, None))
    assert "cookie" not in response.vary


@check(8, "Rust signs out: the record is gone, the cookie is deleted")
def rust_signs_out(stack):
    stack.before = stack.browser.copy()
    is_deleted(stack.browser.post(stack.rust, "/sign-out"))
    equal(stack.browser.key, None)
    if stack.kind != "signed_cookies":
        equal(exists(stack, stack.before.key), False)


@check(9, "Django then asks to log in, also under the old key")
def django_signed_out(stack):
    equal(stack.browser.get(stack.django, "/admin/").status, 302)
    if stack.kind != "signed_cookies":
        equal(stack.before.get(stack.django, "/admin/").status, 302)


@check(10, "a log-in at Rust changes the key, and the old record is gone")
def rust_signs_in(stack):
    stack.browser = Browser()
    stack.browser.set(stack.rust, cart=[7])
    key = stack.browser.key
    equal(stack.browser.sign_in_at_rust(stack.rust, "wrong").status, 403)
    equal(stack.browser.key, key)
    equal(stack.browser.sign_in_at_rust(stack.rust, stack.password).status, 200)
    assert stack.browser.key != key
    if stack.kind != "signed_cookies":
        equal((exists(stack, key), exists(stack, stack.browser.key)), (False, True))


@check(11, "it opens Django's admin")
def the_admin_opens(stack):
    assert admin_is_open(stack, stack.browser)


@check(12, "the values from before the log-in survive it")
def values_survive(stack):
    equal(stack.browser.get(stack.django).session["cart"], [7])


@check(13, "Django signs out: Rust says so, and deletes the cookie")
def django_signs_out(stack):
    before = stack.browser.copy()
    equal(stack.browser.sign_out_at_django(stack.django).status, 200)
    equal(stack.browser.get(stack.rust).user, None)
    if stack.kind == "signed_cookies":
        return
    response = before.get(stack.rust)
    equal((response.user, response.session), (None, {}))
    is_deleted(response)


@check(14, "a record that ends while a request changes it: 400, not revived")
def not_revived(stack):
    needs_a_record(stack)
    browser = at_rust(stack)
    other, late = browser.copy(), browser.copy()
    answers = []
    held = int(Browser().get(stack.rust, "/held").body)
    request = threading.Thread(target=lambda: answers.append(late.get(stack.rust, "/hold")))
    request.start()
    try:
        while int(Browser().get(stack.rust, "/held").body) == held:
            time.sleep(0.01)
        other.sign_out_at_django(stack.django)
    finally:
        Browser().post(stack.rust, "/release")
        request.join()
    equal(answers[0].status, 400)
    equal(exists(stack, browser.key), False)


for number, key in enumerate(["short", "a" * 41, "../../../etc/passwd", "%00" + "a" * 29], 15):
    check(number, f"a malformed key, {key[:20]}: not signed in")(lambda stack, key=key: is_anonymous(stack, key))


@check(19, "a key in upper case: not signed in")
def upper_case(stack):
    browser = at_rust(stack)
    equal(browser.get(stack.rust).user, "admiral")
    is_anonymous(stack, browser.key.upper())


@check(20, "a new password ends each side's log-ins on both sides")
def new_password(stack):
    rust = [at_django(stack), at_rust(stack)]
    django = [at_django(stack), at_rust(stack)]
    stack.password += "x"
    Browser().post(stack.django, "/password", stack.password)
    equal([browser.get(stack.rust).user for browser in rust], [None, None])
    equal([admin_is_open(stack, browser) for browser in django], [False, False])

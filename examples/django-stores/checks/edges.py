"""Own expiries, rotated keys, records that cannot be read, and a store that is down."""

import time

from browser import Browser
from check import at_django, at_rust, check, equal, is_deleted, needs_a_record, is_anonymous, NotHere, VALUES


@check(21, "an own expiry of each kind, set by each side, holds on the other")
def own_expiry(stack):
    for writer, other in [(stack.django, stack.rust), (stack.rust, stack.django)]:
        for text, seconds in [("browser", None), ("300", 300), ("@300", 300)]:
            browser = Browser()
            browser.set(writer, a=1)
            browser.post(writer, "/expiry", text)
            cookie = browser.set(other, b=2).cookie()
            if seconds is None:
                equal(cookie["max-age"], "")
            else:
                assert 0 < int(cookie["max-age"]) <= seconds, f"{text}: {cookie}"
            session = browser.get(writer).session
            equal((session["a"], session["b"]), (1, 2))
    if stack.kind == "signed_cookies":
        return  # Django's engine does not enforce it.

    short = []
    for writer, other in [(stack.django, stack.rust), (stack.rust, stack.django)]:
        # Django's engine `file` ignores a number.
        kinds = ["@3"] if stack.kind == "file" and other == stack.django else ["3", "@3"]
        for text in kinds:
            browser = Browser()
            browser.set(writer, a=1)
            browser.post(writer, "/expiry", text)
            equal(browser.copy().get(other).session["a"], 1)
            short.append((other, browser))
    time.sleep(3.2)
    for other, browser in short:
        equal(browser.copy().get(other).session, {})


@check(23, "a session under a fallback key is read, a log-in under a retired one is not")
def keys_rotate(stack):
    for service, user in [(stack.rotated, "admiral"), (stack.foreign, None)]:
        browser = at_django(stack)
        browser.set(stack.django, django=VALUES)
        response = browser.get(service)
        equal((response.user, response.session.get("django")), (user, user and VALUES))
        equal(browser.get(service).user, user)


@check(24, "a record that cannot be read is left alone, and the user can sign in")
def unreadable(stack):
    needs_a_record(stack)
    browser, service = at_django(stack), stack.foreign
    if stack.kind == "cached_db":
        raise NotHere("the cache's entry needs no key")
    if stack.kind == "cache":
        service = stack.rust
        browser.post(stack.django, "/tuple")
    before = browser.copy()
    equal(browser.get(service).user, None)
    equal(browser.get(stack.django).user, "admiral")
    equal(browser.sign_in_at_rust(service, stack.password).status, 200)
    assert browser.key != before.key
    equal(browser.get(service).user, "admiral")
    equal(before.get(stack.django).user, "admiral")


@check(25, "a record past its date: not signed in, and the cookie is deleted")
def expired(stack):
    needs_a_record(stack)
    if stack.kind in ("cache", "cached_db"):
        raise NotHere("the cache drops its entries itself")
    browser = at_django(stack)
    Browser().post(stack.django, f"/record?key={browser.key}")
    response = browser.get(stack.rust)
    equal((response.user, response.session), (None, {}))
    is_deleted(response)


@check(26, "the store is down: 503, nothing set or deleted; then it works again")
def down_and_up(stack):
    needs_a_record(stack)
    if stack.server == "sqlite":
        raise NotHere("the database is in the service itself")
    browser = at_rust(stack)
    browser.set(stack.rust, a=1)
    down, up = stack.stop_server, stack.start_server
    if stack.kind == "file":
        elsewhere = stack.sessions.with_name("elsewhere")
        down, up = lambda: stack.sessions.rename(elsewhere), lambda: elsewhere.rename(stack.sessions)
    down()
    try:
        if stack.kind == "cached_db":
            # The row answers, and is written.
            equal(browser.get(stack.rust).user, "admiral")
            browser.set(stack.rust, down=True)
        else:
            for response in [browser.get(stack.rust), browser.post(stack.rust, "/set", '{"b": 1}')]:
                equal((response.status, response.cookie()), (503, None))
        # A malformed key is never looked up.
        is_anonymous(stack, "../" * 5)
        equal(browser.get(stack.rust, "/plain").status, 200)
    finally:
        up()
    if stack.kind == "cache":
        browser = at_rust(stack)
    for service in [stack.rust, stack.django]:
        response = browser.get(service)
        equal((response.user, response.session.get("down")), ("admiral", True if stack.kind == "cached_db" else None))


@check(27, "the service's logs hold no cookie, and no password")
def logs_are_clean(stack):
    logs = stack.log("rust") + stack.log("rotated") + stack.log("foreign")
    assert " hardtack: " in logs, "nothing was logged"
    for secret in [*Browser.seen, stack.password, stack.key]:
        assert secret not in logs, "a secret is in the log"

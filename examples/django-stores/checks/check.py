"""What the numbered checks have in common. A check gets a running site and service, and fails by an exception."""

from browser import Browser

CHECKS = {}

# Values that are easily lost on the way.
VALUES = {"big": 2**70, "name": "Zoë", "cart": [4711, [0.5, None, True], {"ü": "😀"}], "minus": -(2**64)}


class NotHere(Exception):
    """The check makes no sense for this engine, for the reason in the text."""


def check(number, text):
    def add(function):
        CHECKS[number] = (text, function)
        return function

    return add


def equal(found, expected):
    assert found == expected, f"{found!r} instead of {expected!r}"


def is_deleted(response):
    cookie = response.cookie()
    assert cookie is not None and cookie["max-age"] == "0", f"the cookie is not deleted: {cookie}"


def needs_a_record(stack):
    if stack.kind == "signed_cookies":
        raise NotHere("the session is in the cookie")


def exists(stack, key):
    return Browser().get(stack.django, f"/record?key={key}").json()["exists"]


def admin_is_open(stack, browser):
    return browser.get(stack.django, "/admin/").status == 200


def at_django(stack):
    browser = Browser()
    equal(browser.sign_in_at_django(stack.django, stack.password).status, 302)
    return browser


def at_rust(stack):
    browser = Browser()
    equal(browser.sign_in_at_rust(stack.rust, stack.password).status, 200)
    return browser


def is_anonymous(stack, key):
    response = Browser(key).get(stack.rust)
    equal((response.user, response.session), (None, {}))

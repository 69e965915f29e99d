"""Django's SessionMiddleware, asked what it does. It runs where Django 5.2.19 is installed.

    python middleware.py    reads scenarios from stdin, answers each on one line of stdout

Both are one JSON object per line. A scenario:

    {"settings": {NAME: value, ...}, "now": seconds, "headers": [text of a Cookie header, ...],
     "actions": [{"op": name, ...}, ...], "status": number,
     "response": {"cache_control": text or null, "vary": text or null,
                  "cookie": null or [value, path]: a cookie with the session's name}}

The actions are what the view does with `request.session`; they are described by ACTIONS, below. The answer:

    {"seen": [JSON text of what an action returned, ...], "vary": text of the header or null,
     "cookie": null or {"name", "value", "attributes": {name in lower case: text, or null for a flag},
                        "expires": seconds or null, "json": JSON text of the value's session or null}}

Whatever goes wrong ends the program, so that it cannot pass for an answer.
"""

import json
import time
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from unittest import mock

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.core import signing
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.utils import timezone as django_timezone

import lines

SALT = "django.contrib.sessions.backends.signed_cookies"


def instant(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc)


def delete(session, key):
    if key in session:
        del session[key]


# An action's return value is what the view saw.
ACTIONS = {
    "get": lambda session, key: session.get(key),
    "set": lambda session, key, value: session.__setitem__(key, value),
    "pop": lambda session, key: session.pop(key, None),
    "delete": delete,
    "set_default": lambda session, key, value: session.setdefault(key, value),
    "update": lambda session, pairs: session.update(pairs),
    "clear": lambda session: session.clear(),
    "flush": lambda session: session.flush(),
    "cycle": lambda session: session.cycle_key(),
    "expire_after": lambda session, seconds: session.set_expiry(seconds),
    "expire_at": lambda session, seconds: session.set_expiry(instant(seconds)),
    "expire_with_browser": lambda session: session.set_expiry(0),
    "expire_by_default": lambda session: session.set_expiry(None),
    "set_test_cookie": lambda session: session.set_test_cookie(),
    "test_cookie_worked": lambda session: session.test_cookie_worked(),
}
SEEN = {"get", "pop", "set_default", "test_cookie_worked"}


def text_of(value):
    return json.dumps(value, separators=(",", ":"))


def response_of(scenario):
    response = HttpResponse(status=scenario["status"])
    told = scenario["response"]
    if told["cache_control"] is not None:
        response["Cache-Control"] = told["cache_control"]
    if told["vary"] is not None:
        response["Vary"] = told["vary"]
    if told["cookie"] is not None:
        value, path = told["cookie"]
        domain = scenario["settings"]["SESSION_COOKIE_DOMAIN"]
        response.set_cookie(scenario["settings"]["SESSION_COOKIE_NAME"], value, path=path, domain=domain)
    return response


def view_of(scenario, seen):
    def view(request):
        for action in scenario["actions"]:
            op = action.pop("op")
            returned = ACTIONS[op](request.session, **action)
            if op in SEEN:
                seen.append(text_of(returned))
        return response_of(scenario)

    return view


def session_of(value):
    """Returns the text of the session in a cookie that Django has just signed, or None for a deletion."""
    return text_of(signing.loads(value, salt=SALT)) if value else None


def parsed(header):
    """Parses a Set-Cookie header as a browser does (RFC 6265bis, section 5.6)."""
    pair, *attributes = header.split(";")
    name, _, value = pair.partition("=")
    value = value.strip().strip('"')
    split = [attribute.strip().partition("=") for attribute in attributes]
    attributes = {name.lower(): text if equals else None for name, equals, text in split}
    expires = attributes.pop("expires", None)
    return {
        "name": name.strip(),
        "value": value,
        "attributes": attributes,
        "expires": expires and int(parsedate_to_datetime(expires).timestamp()),
        "json": session_of(value),
    }


def frozen(now):
    return (
        mock.patch.object(time, "time", lambda: now),
        mock.patch.object(django_timezone, "now", lambda: instant(now)),
    )


def answer(scenario):
    seen = []
    # Several headers count as one (RFC 9113, section 8.2.3); Django leaves joining them to the server in front of it.
    cookies = {"HTTP_COOKIE": "; ".join(scenario["headers"])} if scenario["headers"] else {}
    clock, django_clock = frozen(scenario["now"])
    with clock, django_clock, override_settings(**scenario["settings"]):
        middleware = SessionMiddleware(view_of(scenario, seen))
        response = middleware(RequestFactory().get("/", **cookies))
        headers = [morsel.OutputString() for morsel in response.cookies.values()]
        assert len(headers) <= 1, headers
        cookie = parsed(headers[0]) if headers else None
    return {"seen": seen, "vary": response.get("Vary"), "cookie": cookie}


def main():
    # Each scenario has its own key.
    settings.configure(USE_TZ=True, SECRET_KEY="none", SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies")
    lines.serve(answer)


if __name__ == "__main__":
    main()

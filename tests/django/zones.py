"""A Django site with USE_TZ = False in Europe/Berlin. It runs where Django is installed.

    python zones.py    answers each line of stdin with one line of stdout, at once

Both are JSON. A question is a local time, whose answer is the microseconds from 1970 to it, by zoneinfo with fold=0:

    "2024-03-31T02:30:00"

or a request for a view that counts its visits, and its answer:

    {"key": text, "now": seconds, "cookie": text or null, "minutes": number for set_expiry or null}
    {"cookie": text, "visits": number, "expiry": the session's own, "age": get_expiry_age(), "date": get_expiry_date()}

A date is a local time like the one above. Where Django raises an exception the answer is {"error": its name}.
"""

import json
import os
import sys
import time
from datetime import datetime, timedelta, timezone
from unittest import mock
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.utils import timezone as django_timezone

ZONE = "Europe/Berlin"
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def instant(text):
    date = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE), fold=0)
    return (date.astimezone(timezone.utc) - EPOCH) // timedelta(microseconds=1)


def visit(request):
    seen = {}

    def view(http_request):
        session = http_request.session
        session["visits"] = session.get("visits", 0) + 1
        if request["minutes"] is not None:
            session.set_expiry(timedelta(minutes=request["minutes"]))
        seen["visits"] = session["visits"]
        seen["expiry"] = session.get("_session_expiry")
        seen["age"] = session.get_expiry_age()
        seen["date"] = session.get_expiry_date().isoformat()
        return HttpResponse()

    cookies = {"HTTP_COOKIE": "sessionid=" + request["cookie"]} if request["cookie"] else {}
    clock = mock.patch.object(time, "time", lambda: request["now"])
    # What it returns for USE_TZ = False: datetime.now(), the process's local time.
    django_clock = mock.patch.object(django_timezone, "now", lambda: datetime.fromtimestamp(request["now"]))
    with clock, django_clock, override_settings(SECRET_KEY=request["key"]):
        response = SessionMiddleware(view)(RequestFactory().get("/", **cookies))
    return {"cookie": response.cookies["sessionid"].value, **seen}


def answer(question):
    if isinstance(question, str):
        return instant(question)
    try:
        return visit(question)
    except Exception as error:
        return {"error": type(error).__name__}


def main():
    # Django does these two for a settings module, and not for settings.configure.
    os.environ["TZ"] = ZONE
    time.tzset()
    settings.configure(
        USE_TZ=False,
        TIME_ZONE=ZONE,
        SECRET_KEY="none",
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    )
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()

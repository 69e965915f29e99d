"""Django's get_user and login, asked what they do. It runs where Django 5.2.19 is installed.

    python logins.py KEY FALLBACK    reads questions from stdin, answers each on one line of stdout

Both are one JSON object per line. A question has the JSON text of a session and the row of user 7, or null for none:

    {"op": "get_user" or "login", "session": text, "row": {"password": text, "is_active": bool} or null}

The session is one of the engine db, and CSRF_USE_SESSIONS is on. An answer says whether the user is signed in then, what
the session is, and whether its record has the key of before, a new one or none; or which exception there was:

    {"signed_in": bool, "session": text, "key": "kept", "new" or "none"} or {"error": name}

A CSRF secret that Django made in the meantime is left out of the session.
"""

import json
import sys

import django
from django.conf import settings
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse

import lines

ENGINE = "django.contrib.sessions.backends.db"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def answer(question):
    from django.contrib.auth import get_user, login
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django.middleware.csrf import CSRF_SESSION_KEY, CsrfViewMiddleware

    User.objects.all().delete()
    if question["row"]:
        User.objects.create(pk=7, username="alice", **question["row"])
    request = HttpRequest()
    request.session = session = SessionStore()
    session._session_cache = json.loads(question["session"])
    session.create()
    session.modified = False
    secret, key = session[CSRF_SESSION_KEY], session.session_key
    csrf = CsrfViewMiddleware(lambda request: HttpResponse())
    csrf.process_request(request)
    try:
        if question["op"] == "login":
            login(request, User.objects.get(pk=7), backend=BACKEND)
            signed_in = True
        else:
            signed_in = get_user(request).is_authenticated
        csrf.process_response(request, HttpResponse())
        if session.modified and not session.is_empty():
            session.save()
    except Exception as error:  # what a site would answer with 500
        return {"error": type(error).__name__}
    now = "kept" if session.session_key == key else "new" if session.session_key else "none"
    assert SessionStore().exists(key) == (now == "kept")
    if session.get(CSRF_SESSION_KEY) != secret:
        session.pop(CSRF_SESSION_KEY, None)
    return {"signed_in": signed_in, "session": json.dumps(session._session, separators=(",", ":")), "key": now}


def main():
    key, fallback = sys.argv[1:]
    settings.configure(
        USE_TZ=True,
        SECRET_KEY=key,
        SECRET_KEY_FALLBACKS=[fallback],
        SESSION_ENGINE=ENGINE,
        CSRF_USE_SESSIONS=True,
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    )
    django.setup()
    call_command("migrate", verbosity=0)
    lines.serve(answer)


if __name__ == "__main__":
    main()

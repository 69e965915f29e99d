"""Django's get_user and login, asked what they do. It runs where Django 5.2.19 is installed.

    python logins.py KEY FALLBACK    reads questions from stdin, answers each on one line of stdout

Both are one JSON object per line. A question has the JSON text of a session and the row of user 7, or null for none:

    {"op": "get_user" or "login", "session": text, "row": {"password": text, "is_active": bool} or null}

An answer says whether the user is signed in then, and what the session is; or which exception there was:

    {"signed_in": bool, "session": text} or {"error": name}
"""

import json
import sys

import django
from django.conf import settings
from django.core.management import call_command
from django.http import HttpRequest

ENGINE = "django.contrib.sessions.backends.signed_cookies"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def answer(question):
    from django.contrib.auth import get_user, login
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.signed_cookies import SessionStore

    User.objects.all().delete()
    if question["row"]:
        User.objects.create(pk=7, username="alice", **question["row"])
    request = HttpRequest()
    request.session = SessionStore()
    request.session._session_cache = json.loads(question["session"])
    try:
        if question["op"] == "login":
            login(request, User.objects.get(pk=7), backend=BACKEND)
            signed_in = True
        else:
            signed_in = get_user(request).is_authenticated
    except Exception as error:  # what a site would answer with 500
        return {"error": type(error).__name__}
    return {"signed_in": signed_in, "session": json.dumps(request.session._session, separators=(",", ":"))}


def main():
    key, fallback = sys.argv[1:]
    settings.configure(
        USE_TZ=True,
        SECRET_KEY=key,
        SECRET_KEY_FALLBACKS=[fallback],
        SESSION_ENGINE=ENGINE,
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    )
    django.setup()
    call_command("migrate", verbosity=0)
    sys.stdin.reconfigure(encoding="utf-8")
    # All of it is read before anything is written, so the other side may do the same the other way round.
    answers = [answer(json.loads(line)) for line in sys.stdin]
    for line in answers:
        print(json.dumps(line))


if __name__ == "__main__":
    main()

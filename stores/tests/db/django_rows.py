"""Django's engine db on the table of a test. It runs where Django, psycopg and PyMySQL are installed.

    python django_rows.py '{"database": {...}, "table": text, "use_tz": bool, "key": text}'

"database" is an entry of DATABASES. It answers each line of stdin with one line of stdout, at once. Both are JSON:

    {"do": "create"}                                               drops and creates the table: null
    {"do": "write", "session": {...}, "expiry": E}                 saves a session under a new key: its key
    {"do": "read", "session_key": text}                            the session, or null if there is none
    {"do": "date", "session_key": text}                            the row's date in microseconds since 1970
    {"do": "update", "session_key": text, "session": {...}}        adds to a session: null
    {"do": "clear"}                                                clear_expired(): the keys that are left

E is null, a number of seconds, or {"after": seconds} for a date.
"""

import json
import os
import sys
import time
from datetime import datetime, timedelta, timezone

options = json.loads(sys.argv[1])

if "mysql" in options["database"]["ENGINE"]:
    import pymysql

    # The version of mysqlclient that Django requires.
    pymysql.version_info = (2, 2, 1, "final", 0)
    pymysql.install_as_MySQLdb()

import django
from django.conf import settings

settings.configure(
    SECRET_KEY=options["key"],
    INSTALLED_APPS=["django.contrib.sessions"],
    DATABASES={"default": options["database"]},
    USE_TZ=options["use_tz"],
    TIME_ZONE="Europe/Berlin",
    SESSION_ENGINE="django.contrib.sessions.backends.db",
)
# Django does this for a settings module, but not for settings.configure.
os.environ["TZ"] = settings.TIME_ZONE
time.tzset()
django.setup()

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils.timezone import is_aware, make_aware, now

Session._meta.db_table = options["table"]
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def create(_):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS " + options["table"])
    with connection.schema_editor() as editor:
        editor.create_model(Session)


def write(request):
    session = SessionStore()
    session.update(request["session"])
    expiry = request["expiry"]
    session.set_expiry(now() + timedelta(seconds=expiry["after"]) if isinstance(expiry, dict) else expiry)
    session.save()
    return session.session_key


def read(request):
    session = SessionStore(request["session_key"])
    values = dict(session.items())
    return values if session.session_key else None


def date(request):
    end = Session.objects.get(pk=request["session_key"]).expire_date
    instant = end if is_aware(end) else make_aware(end)
    return (instant - EPOCH) // timedelta(microseconds=1)


def update(request):
    session = SessionStore(request["session_key"])
    session.update(request["session"])
    session.save()


def clear(_):
    SessionStore.clear_expired()
    return sorted(Session.objects.values_list("session_key", flat=True))


for line in sys.stdin:
    request = json.loads(line)
    answer = {f.__name__: f for f in (create, write, read, date, update, clear)}[request["do"]](request)
    print(json.dumps(answer), flush=True)

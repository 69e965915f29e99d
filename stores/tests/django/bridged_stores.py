"""Session engines of Django's whose sessions live in a Rust program, on the other side of standard input and output.

Nothing is decided here. The map, its flags, its expiry, its key, and when a record is created, updated or deleted are on
the other side. Django's settings and the arguments go there as they are, and only types are converted: values to and from
JSON text, datetime and timedelta to and from microseconds (since the epoch for a datetime), optional values from a list
of one or none, and errors by their names to exceptions. One line of JSON goes out, one comes back:

    {"op": name, "engine": name, "settings": {...}, "age": seconds, "now": microseconds, "id": number, ...}
    {"ok": answer, "log": [{"logger", "level", "message", "error"}, ...]} or {"error": name, "message": text}

No class of Django's is behind these, so that no method of theirs can replace a missing one. Rows are looked at by Django's
own models (get_model_class), and entries of the cache by Django's own cache.
"""

import json
import logging
import os
import sys
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import InvalidSessionKey
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils import timezone

sys.path.append(str(Path(__file__).resolve().parents[3] / "tests/django"))

from bridge import exchange
from session_base import BridgedSession, expiry_to_json, instant_from_json, instant_to_json, now

EXCEPTIONS = {error.__name__: error for error in (UpdateError, InvalidSessionKey, ImproperlyConfigured)}


class Bridge:
    def __init__(self):
        # The tests' own output must not be mixed with the lines.
        self.out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)

    def ask(self, op, **request):
        answer = exchange(self.out, sys.stdin, op, request)
        for entry in answer.get("log", ()):
            exception = Exception(entry["error"]) if entry["error"] else None
            logging.getLogger(entry["logger"]).log(
                logging.getLevelName(entry["level"]), entry["message"], exc_info=exception
            )
        if "error" in answer:
            raise EXCEPTIONS.get(answer["error"], RuntimeError)(answer["message"])
        return answer["ok"]


bridge = Bridge()


def optional(answer):
    """Returns the value in a list of one, or None for an empty list. A missing answer is an error."""
    return next(iter(answer), None)


def settings_to_json():
    cache = settings.CACHES["default"]
    return {
        "secret": settings.SECRET_KEY,
        "use_tz": settings.USE_TZ,
        "database": [str(connection.settings_dict[key]) for key in ("ENGINE", "NAME", "USER", "HOST", "PORT")],
        "cache": [cache["BACKEND"], cache.get("LOCATION", "")],
        "file_path": str(settings.SESSION_FILE_PATH),
        "cookie_name": settings.SESSION_COOKIE_NAME,
        "expire_at_browser_close": settings.SESSION_EXPIRE_AT_BROWSER_CLOSE,
    }


class Store(BridgedSession):
    engine = None  # subclasses must specify

    def __init__(self, session_key=None):
        self.id = None
        self.id = self.ask("new", session_key=session_key)

    def ask(self, op, **request):
        return bridge.ask(
            op,
            engine=self.engine,
            settings=settings_to_json(),
            age=self.get_session_cookie_age(),
            now=now(),
            id=self.id,
            **request,
        )

    def get_session_cookie_age(self):
        return settings.SESSION_COOKIE_AGE

    key_salt = property(lambda self: self.ask("key_salt"))

    def answer(self, op, **request):
        return optional(self.ask(op, **request))

    # The map that was loaded, if it was.

    def _get_session_cache(self):
        for text in self.ask("session_cache"):
            return json.loads(text)
        raise AttributeError("_session_cache")

    _session_cache = property(_get_session_cache, fdel=lambda self: self.ask("forget_session_cache"))

    # The life of a session.

    def _get_new_session_key(self):
        return self.ask("new_session_key")

    def cycle_key(self):
        self.ask("cycle_key")

    def create(self):
        self.ask("create")

    def save(self, must_create=False):
        self.ask("save", must_create=must_create)

    def load(self):
        return json.loads(self.ask("load"))

    def exists(self, session_key):
        return self.ask("exists", session_key=session_key)

    def delete(self, session_key=None):
        self.ask("delete", session_key=session_key)

    @classmethod
    def clear_expired(cls):
        cls().ask("clear_expired")

    @classmethod
    async def aclear_expired(cls):
        cls.clear_expired()

    def encode(self, session_dict):
        return self.ask("encode", json=json.dumps(session_dict))

    def decode(self, session_data):
        return json.loads(self.ask("decode", text=session_data))

    # Expiry.

    def set_expiry(self, value):
        self.ask("set_expiry", expiry=expiry_to_json(value))

    def get_expiry_age(self, modification=None):
        return self.ask("expiry_age", modification=instant_to_json(modification or timezone.now()))

    def get_expiry_date(self, modification=None):
        answer = self.ask("expiry_date", modification=instant_to_json(modification or timezone.now()))
        return instant_from_json(answer)

    def get_expire_at_browser_close(self):
        return self.ask("expire_at_browser_close")


class DatabaseStore(Store):
    engine = "db"

    @classmethod
    def get_model_class(cls):
        return Session

    def ask(self, op, **request):
        return super().ask(op, table=self.get_model_class()._meta.db_table, **request)


class CustomDatabaseStore(DatabaseStore):
    @classmethod
    def get_model_class(cls):
        from sessions_tests.models import CustomSession

        return CustomSession

    def get_session_cookie_age(self):
        return 60 * 60 * 24  # as sessions_tests.models.SessionStore


class CachedDatabaseStore(DatabaseStore):
    engine = "cached_db"

    _cache = property(lambda self: self.ask("cache"))


class CacheStore(Store):
    engine = "cache"

    cache_key = property(lambda self: self.ask("cache_key"))

    async def acache_key(self):
        return self.cache_key


class FileStore(Store):
    engine = "file"

    def __init__(self, session_key=None):
        super().__init__(session_key)
        type(self)._storage_path = settings.SESSION_FILE_PATH

    @classmethod
    def _get_storage_path(cls):
        return cls._storage_path

    def _key_to_file(self, session_key):
        return self.ask("key_to_file", session_key=session_key)

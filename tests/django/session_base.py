"""What the session engines whose sessions live in a Rust program have in common: bridged_sessions.py, for sessions in
cookies, and stores/tests/django/bridged_stores.py, for sessions in stores.

Only types are converted: values to and from JSON text, datetime and timedelta to and from microseconds (since the epoch for
a datetime), a missing key to KeyError or the caller's default.
"""

import datetime
import json

from django.conf import settings
from django.utils import timezone

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MICROSECOND = datetime.timedelta(microseconds=1)
REQUIRED = object()


def instant_to_json(instant):
    # Python reads a naive datetime as local time, and Django sets the process's time zone to TIME_ZONE.
    return (instant.astimezone(datetime.timezone.utc) - EPOCH) // MICROSECOND


def instant_from_json(micros):
    instant = EPOCH + micros * MICROSECOND
    return instant if settings.USE_TZ else timezone.make_naive(instant)


def expiry_to_json(expiry):
    if isinstance(expiry, datetime.timedelta):
        return {"in": expiry // MICROSECOND}
    if isinstance(expiry, datetime.datetime):
        return {"at": instant_to_json(expiry)}
    return None if expiry is None else {"seconds": expiry}


def now():
    # Through the module, each time: the tests stop the clock by replacing it.
    return instant_to_json(timezone.now())


def value_or(default, text, key):
    if text is not None:
        return json.loads(text)
    if default is REQUIRED:
        raise KeyError(key)
    return default


class BridgedSession:
    """The map, its flags and its key. No class of Django's is behind it, so that no method of theirs can replace a
    missing one. Subclasses specify ask(op, **request), answer(op, **request), which returns None if there is no such
    value, and the methods that read or write the session's record."""

    # The key, read-only under the name without an underscore.

    def _get_session_key(self):
        return self.answer("session_key")

    def _set_session_key(self, session_key):
        self.ask("set_session_key", session_key=session_key)

    session_key = property(_get_session_key)
    _session_key = property(_get_session_key, _set_session_key)

    # Flags.

    accessed = property(
        lambda self: self.ask("accessed"),
        lambda self, value: self.ask("set_accessed", value=value),
    )
    modified = property(
        lambda self: self.ask("modified"),
        lambda self, value: self.ask("set_modified", value=value),
    )

    # The map.

    def __contains__(self, key):
        return self.ask("contains", key=key)

    def __getitem__(self, key):
        return self.get(key, REQUIRED)

    def __setitem__(self, key, value):
        self.ask("insert", key=key, json=json.dumps(value))

    def get(self, key, default=None):
        return value_or(default, self.answer("get", key=key), key)

    def pop(self, key, default=REQUIRED):
        return value_or(default, self.answer("pop", key=key), key)

    def setdefault(self, key, value):
        return json.loads(self.ask("set_default", key=key, json=json.dumps(value)))

    def update(self, dict_):
        self.ask("update", json=json.dumps(dict_))

    def keys(self):
        return [key for key, _ in self.items()]

    def values(self):
        return [value for _, value in self.items()]

    def items(self):
        return [(key, json.loads(value)) for key, value in self.ask("items")]

    def clear(self):
        self.ask("clear")

    def flush(self):
        self.ask("flush")


def asynchronous(method):
    async def twin(self, *args, **kwargs):
        return getattr(self, method)(*args, **kwargs)

    return twin


# aget, apop, ...: the same, awaited.
for name in (
    "get pop setdefault update keys values items flush cycle_key create save load exists delete "
    "set_expiry get_expiry_age get_expiry_date get_expire_at_browser_close"
).split():
    setattr(BridgedSession, "a" + name, asynchronous(name))
BridgedSession.aset = asynchronous("__setitem__")
BridgedSession.ahas_key = asynchronous("__contains__")

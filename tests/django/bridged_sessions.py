"""A SESSION_ENGINE of Django's whose sessions live in a Rust program, the bridge (settings.SESSION_BRIDGE).

Nothing is decided here. Map, flags, expiry and the session's key, which is the cookie's value, are on the other side;
arguments and Django's settings go there as they are, and only types are converted: values to and from JSON text,
datetime (with a time zone) and timedelta to and from MICROS (microseconds, since the epoch for a datetime), a missing key
to KeyError or the caller's default. One line of JSON goes out, one comes back:

    {"op": "new", "session_key", "secret", "cookie_age", "now"} -> {"ok": id}

and all others with the "id" that came back:

    {"op": "session_key"}                       -> {"ok": text or null}
    {"op": "set_session_key", "session_key"}    -> {"ok": null}
    {"op": "accessed"}, {"op": "modified"}      -> {"ok": bool}
    {"op": "set_accessed", "value"}, {"op": "set_modified", "value"} -> {"ok": null}
    {"op": "get", "key"}, {"op": "pop", "key"}  -> {"ok": JSON text, or null if there is no such key}
    {"op": "contains", "key"}                   -> {"ok": bool}
    {"op": "insert", "key", "json"}             -> {"ok": null}
    {"op": "set_default", "key", "json"}        -> {"ok": JSON text}
    {"op": "update", "json"}                    -> {"ok": null}
    {"op": "keys"}                              -> {"ok": [text, ...]}
    {"op": "values"}                            -> {"ok": [JSON text, ...]}
    {"op": "items"}                             -> {"ok": [[text, JSON text], ...]}
    {"op": "clear"}, {"op": "flush"}, {"op": "delete"}   -> {"ok": null}
    {"op": "save", "now"}, {"op": "cycle", "now"}        -> {"ok": null}
    {"op": "load", "now"}                       -> {"ok": JSON text}
    {"op": "encode", "json", "salt", "now"}     -> {"ok": text}
    {"op": "decode", "text", "salt", "now"}     -> {"ok": JSON text}
    {"op": "set_expiry", "expiry", "now"}       -> {"ok": null}
    {"op": "expiry_age", "now"}                 -> {"ok": seconds}
    {"op": "expiry_date", "now"}                -> {"ok": MICROS}
    {"op": "ends_with_browser", "default"}      -> {"ok": bool}

"expiry" is null, {"seconds": int}, {"at": MICROS} or {"in": MICROS}; "secret" is KEY ({"text": ...} or {"hex": ...}).
Instead of "ok", an answer may be {"error": name, "message": text}.

No class of Django's is behind this one, so that no method of it can stand in for a missing one. What no store keeps, no
store can be asked for: exists() is Django's, word for word.
"""

import datetime
import json
import logging

from bridge import Bridge, Refused, key_to_json
from django.conf import settings
from django.contrib.sessions.serializers import JSONSerializer
from django.utils import timezone

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MICROSECOND = datetime.timedelta(microseconds=1)
REQUIRED = object()

bridge = Bridge(settings.SESSION_BRIDGE)


def instant_to_json(instant):
    return (instant.astimezone(datetime.timezone.utc) - EPOCH) // MICROSECOND


def instant_from_json(micros):
    return EPOCH + micros * MICROSECOND


def expiry_to_json(expiry):
    if isinstance(expiry, datetime.timedelta):
        return {"in": expiry // MICROSECOND}
    if isinstance(expiry, datetime.datetime):
        return {"at": instant_to_json(expiry)}
    return None if expiry is None else {"seconds": expiry}


def now():
    # Through the module, each time: the tests stop the clock by replacing it.
    return instant_to_json(timezone.now())


class SessionStore:
    serializer = JSONSerializer
    key_salt = "django.contrib.sessions.SessionStore"

    def __init__(self, session_key=None):
        self.id = bridge.ask(
            "new",
            session_key=session_key,
            secret=key_to_json(settings.SECRET_KEY),
            cookie_age=settings.SESSION_COOKIE_AGE,
            now=now(),
        )

    def ask(self, op, **request):
        return bridge.ask(op, id=self.id, **request)

    # The key, read-only under the name without an underscore.

    def _get_session_key(self):
        return self.ask("session_key")

    def _set_session_key(self, session_key):
        self.ask("set_session_key", session_key=session_key)

    def _get_new_session_key(self):
        self.save()
        return self.session_key

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

    def value_or(self, default, text, key):
        if text is not None:
            return json.loads(text)
        if default is REQUIRED:
            raise KeyError(key)
        return default

    def __contains__(self, key):
        return self.ask("contains", key=key)

    def __getitem__(self, key):
        return self.get(key, REQUIRED)

    def __setitem__(self, key, value):
        self.ask("insert", key=key, json=json.dumps(value))

    def get(self, key, default=None):
        return self.value_or(default, self.ask("get", key=key), key)

    def pop(self, key, default=REQUIRED):
        return self.value_or(default, self.ask("pop", key=key), key)

    def setdefault(self, key, value):
        return json.loads(self.ask("set_default", key=key, json=json.dumps(value)))

    def update(self, dict_):
        self.ask("update", json=json.dumps(dict_))

    def keys(self):
        return self.ask("keys")

    def values(self):
        return [json.loads(value) for value in self.ask("values")]

    def items(self):
        return [(key, json.loads(value)) for key, value in self.ask("items")]

    def clear(self):
        self.ask("clear")

    # The life of a session.

    def flush(self):
        self.ask("flush")

    def cycle_key(self):
        self.ask("cycle", now=now())

    def save(self, must_create=False):
        self.ask("save", now=now())

    def load(self):
        return json.loads(self.ask("load", now=now()))

    def exists(self, session_key=None):
        return False

    def delete(self, session_key=None):
        self.ask("delete")

    def encode(self, session_dict):
        return self.ask("encode", json=json.dumps(session_dict), salt=self.key_salt, now=now())

    def decode(self, session_data):
        try:
            return json.loads(self.ask("decode", text=session_data, salt=self.key_salt, now=now()))
        except Refused as refused:
            if refused.name in ("BadSignature", "NotSigned"):
                logging.getLogger("django.security.SuspiciousSession").warning("Session data corrupted")
        return {}

    # Expiry.

    def set_expiry(self, value):
        self.ask("set_expiry", expiry=expiry_to_json(value), now=now())

    def get_expiry_age(self, modification=None):
        return self.ask("expiry_age", now=instant_to_json(modification or timezone.now()))

    def get_expiry_date(self, modification=None):
        return instant_from_json(self.ask("expiry_date", now=instant_to_json(modification or timezone.now())))

    def get_expire_at_browser_close(self):
        return self.ask("ends_with_browser", default=settings.SESSION_EXPIRE_AT_BROWSER_CLOSE)


def asynchronous(method):
    async def twin(self, *args, **kwargs):
        return getattr(self, method)(*args, **kwargs)

    return twin


# aget, apop, ...: the same, awaited.
for name in (
    "get pop setdefault update keys values items flush cycle_key save load exists delete "
    "set_expiry get_expiry_age get_expiry_date get_expire_at_browser_close"
).split():
    setattr(SessionStore, "a" + name, asynchronous(name))
SessionStore.aset = asynchronous("__setitem__")
SessionStore.ahas_key = asynchronous("__contains__")

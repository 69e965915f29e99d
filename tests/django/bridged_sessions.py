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

import json
import logging

from bridge import Bridge, Refused, key_to_json
from django.conf import settings
from django.contrib.sessions.serializers import JSONSerializer
from django.utils import timezone
from session_base import BridgedSession, expiry_to_json, instant_from_json, instant_to_json, now

bridge = Bridge(settings.SESSION_BRIDGE)


class SessionStore(BridgedSession):
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

    answer = ask

    # Each has a line of its own, so that the Rust methods are tested, too.

    def keys(self):
        return self.ask("keys")

    def values(self):
        return [json.loads(value) for value in self.ask("values")]

    # The life of a session.

    def _get_new_session_key(self):
        self.save()
        return self.session_key

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

"""Puts a Rust program, the bridge, in the place of django.core.signing.

Nothing is decided here. Arguments and Django's settings go to the bridge as they are, and only types are
converted: values to text as Django's "%s" does it, timedelta to seconds, str or bytes to KEY ({"text": ...} or
{"hex": ...}), objects to and from JSON. One line of JSON goes out, one comes back:

    {"op": "new", "kind", "key", "sep", "salt", "fallback_keys", "settings"} -> {"ok": {"id", "salt", "algorithm"}}
    {"op": "signature", "id", "value", "key"}                                -> {"ok": text}
    {"op": "sign", "id", "value", "now"}                                     -> {"ok": text}
    {"op": "unsign", "id", "signed", "now", "max_age"}                       -> {"ok": text}
    {"op": "sign_object", "id", "json", "compress", "now"}                   -> {"ok": text}
    {"op": "unsign_object", "id", "signed", "now", "max_age"}                -> {"ok": JSON text}
    {"op": "dumps", "json", "key", "salt", "compress", "now", "settings"}    -> {"ok": text}
    {"op": "loads", "signed", "key", "salt", "max_age", "fallback_keys", "now", "settings"} -> {"ok": JSON text}
    {"op": "b62_encode", "number"}                                           -> {"ok": text}
    {"op": "b62_decode", "text"}                                             -> {"ok": int}

An argument that was not given is null. "settings" is {"key": KEY, "fallback_keys": [KEY, ...]}. Instead of "ok",
an answer may be {"error": name, "message": text}.

base64_hmac stays Django's own: the tests compare with it, as a witness that Rust has no part in.
"""

import datetime
import json
import time

from bridge import Bridge, Refused, key_to_json
from django.conf import settings
from django.core import signing


class SigningBridge(Bridge):
    """Raises the exceptions that django.core.signing raises."""

    def ask(self, op, **request):
        try:
            return super().ask(op, **request)
        except Refused as refused:
            if refused.name == "Expired":
                raise signing.SignatureExpired(str(refused))
            if refused.name == "UnsafeSeparator":
                raise ValueError(
                    "Unsafe Signer separator: %r (cannot be empty or consist of only A-z0-9-_=)" % request["sep"]
                )
            raise signing.BadSignature(str(refused))


def optional(convert, value):
    return None if value is None else convert(value)


def keys_to_json(keys):
    return [key_to_json(key) for key in keys]


def seconds(age):
    return age.total_seconds() if isinstance(age, datetime.timedelta) else age


def settings_to_json():
    return {"key": key_to_json(settings.SECRET_KEY), "fallback_keys": keys_to_json(settings.SECRET_KEY_FALLBACKS)}


def install(bridge):
    """Replaces the names in django.core.signing that the tests and the rest of Django look up there."""

    class Signer:
        def __init__(self, *, key=None, sep=":", salt=None, fallback_keys=None):
            made = bridge.ask(
                "new",
                kind=type(self).__name__,
                key=optional(key_to_json, key),
                sep=sep,
                salt=salt,
                fallback_keys=optional(keys_to_json, fallback_keys),
                settings=settings_to_json(),
            )
            self.id, self.salt, self.algorithm = made["id"], made["salt"], made["algorithm"]

        def signature(self, value, key=None):
            return bridge.ask("signature", id=self.id, value=key_to_json(value), key=optional(key_to_json, key))

        # The tests stop the clock by replacing time.time, so it must be looked up in the module each time.
        def sign(self, value):
            return bridge.ask("sign", id=self.id, value=str(value), now=time.time())

        def unsign(self, signed_value, max_age=None):
            return bridge.ask("unsign", id=self.id, signed=signed_value, now=time.time(), max_age=seconds(max_age))

        def sign_object(self, obj, compress=False):
            return bridge.ask("sign_object", id=self.id, json=json.dumps(obj), compress=compress, now=time.time())

        def unsign_object(self, signed_obj, max_age=None):
            return json.loads(
                bridge.ask("unsign_object", id=self.id, signed=signed_obj, now=time.time(), max_age=seconds(max_age))
            )

    class TimestampSigner(Signer):
        pass

    def dumps(obj, key=None, salt=None, compress=False):
        return bridge.ask(
            "dumps",
            json=json.dumps(obj),
            key=optional(key_to_json, key),
            salt=salt,
            compress=compress,
            now=time.time(),
            settings=settings_to_json(),
        )

    def loads(s, key=None, salt=None, max_age=None, fallback_keys=None):
        return json.loads(
            bridge.ask(
                "loads",
                signed=s,
                key=optional(key_to_json, key),
                salt=salt,
                max_age=seconds(max_age),
                fallback_keys=optional(keys_to_json, fallback_keys),
                now=time.time(),
                settings=settings_to_json(),
            )
        )

    def b62_encode(s):
        return bridge.ask("b62_encode", number=s)

    def b62_decode(s):
        return bridge.ask("b62_decode", text=s)

    for replacement in (Signer, TimestampSigner, dumps, loads, b62_encode, b62_decode):
        setattr(signing, replacement.__name__, replacement)

"""Django's side of the cache tests: sessions of the engine that SETTINGS (JSON) selects.

    python oracle.py SETTINGS

One JSON object per line, and one line with the answer as JSON. A "session" is Python's text of a dict.

    {"op": "create", "session"}          its key
    {"op": "load", "key"}                Python's text of the dict that Django finds, or null
    {"op": "update", "key", "session"}   whether Django saved it
    {"op": "delete", "key"}              null
    {"op": "cache", "key", "value"}      null; sets the cache's value of Django's key, in Python's text
"""

import datetime
import json
import sys
from importlib import import_module

import django
from django.conf import settings

settings.configure(**json.loads(sys.argv[1]))
django.setup()

from django.contrib.sessions.backends.base import UpdateError
from django.core.cache import cache
from django.core.management import call_command

SessionStore = import_module(settings.SESSION_ENGINE).SessionStore
if settings.SESSION_ENGINE.endswith("cached_db"):
    call_command("migrate", verbosity=0)


def value_of(text):
    return eval(text, {"datetime": datetime, "nan": float("nan"), "inf": float("inf")})


def fill(store, text):
    store.clear()
    for key, value in value_of(text).items():
        store[key] = value


def answer(asked):
    op = asked["op"]
    if op == "create":
        store = SessionStore()
        fill(store, asked["session"])
        store.create()
        fill(store, asked["session"])
        store.save()
        return store.session_key
    if op == "cache":
        return cache.set(asked["key"], value_of(asked["value"]))
    store = SessionStore(asked["key"])
    if op == "load":
        found = dict(store.items())
        return None if store.session_key is None else repr(found)
    if op == "update":
        fill(store, asked["session"])
        try:
            store.save()
        except UpdateError:
            return False
        return True
    return store.delete()


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)

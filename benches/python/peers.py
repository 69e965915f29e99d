"""Times Django's session engines and itsdangerous over the bench's sessions; one JSON object per line of output.

usage: python benches/python/peers.py FOLDER SECONDS        (the sessions, the time for each measurement)
"""

import json
import statistics
import sys
import time
from pathlib import Path

from django.conf import settings

FOLDER, SECONDS = Path(sys.argv[1]), float(sys.argv[2])


def lines(name):
    return (FOLDER / name).read_text(encoding="utf-8").splitlines()


KEYS = lines("keys.txt")
settings.configure(SECRET_KEY=KEYS[0])
from django.contrib.sessions.backends.base import SessionBase  # noqa: E402  (it reads the settings)
from django.contrib.sessions.serializers import JSONSerializer  # noqa: E402
from django.core import signing  # noqa: E402
from itsdangerous import TimedSerializer, URLSafeTimedSerializer  # noqa: E402
from itsdangerous.encoding import base64_decode, base64_encode  # noqa: E402

SALT = "django.contrib.sessions.backends.signed_cookies"
NO_LIMIT = 10**10  # the cookies were signed some time ago


class WithoutZlib(TimedSerializer):
    """URLSafeTimedSerializer without zlib."""

    default_serializer = URLSafeTimedSerializer.default_serializer

    def dump_payload(self, obj):
        return base64_encode(super().dump_payload(obj))

    def load_payload(self, payload, *args, **kwargs):
        return super().load_payload(base64_decode(payload), *args, **kwargs)


class Django:
    """As SessionStore of django/contrib/sessions/backends/signed_cookies.py calls it."""

    def __init__(self, zlib):
        self.zlib = zlib

    def dumps(self, session):
        return signing.dumps(session, compress=self.zlib, salt=SALT, serializer=JSONSerializer)

    def loads(self, cookie, max_age=NO_LIMIT):
        return signing.loads(cookie, serializer=JSONSerializer, max_age=max_age, salt=SALT)


class SessionStore(SessionBase):
    """The engines `db`, `cached_db` and `file` have a class of this name, and the name is part of the salt."""

    dumps, loads = SessionBase.encode, SessionBase.decode


PEERS = {
    ("Django", True): Django(True),
    ("Django", False): Django(False),
    ("Django's record", True): SessionStore(),
    ("Python's itsdangerous", True): URLSafeTimedSerializer(KEYS[0]),
    ("Python's itsdangerous", False): WithoutZlib(KEYS[0]),
}


def refusing(loads):
    def refused(cookie):
        try:
            loads(cookie)
        except signing.BadSignature:
            return
        raise AssertionError("the cookie passed")

    return refused


def measure(work):
    """Returns the nanoseconds per payload for each function in a dict of functions and payloads, which take turns."""
    fastest = {name: [[] for _ in payloads] for name, (_, payloads) in work.items()}
    end = time.perf_counter() + SECONDS * len(work)
    rounds = 0
    while rounds < 5 or time.perf_counter() < end:
        for name, (function, payloads) in work.items():
            for number, payload in enumerate(payloads):
                start = time.perf_counter_ns()
                function(payload)
                fastest[name][number].append(time.perf_counter_ns() - start)
        rounds += 1
    return {
        name: {
            "minimum": statistics.mean(map(min, all_rounds)),
            "median": statistics.mean(map(statistics.median, all_rounds)),
        }
        for name, all_rounds in fastest.items()
    }


def main():
    for size in ["S", "M", "L", "XL"]:
        sessions = [json.loads(line) for line in lines(f"{size}.jsonl")]
        cookies = {name: [peer.dumps(session) for session in sessions] for name, peer in PEERS.items()}
        for name, peer in PEERS.items():
            assert [peer.loads(cookie) for cookie in cookies[name]] == sessions
        encode = measure({name: (peer.dumps, sessions) for name, peer in PEERS.items()})
        decode = measure({name: (peer.loads, cookies[name]) for name, peer in PEERS.items()})
        for name, zlib in PEERS:
            row = {"class": size, "name": name, "zlib": zlib}
            row["encode"], row["decode"] = encode[name, zlib], decode[name, zlib]
            row["bytes"] = statistics.mean(map(len, cookies[name, zlib]))
            print(json.dumps(row))
    django = Django(True)
    refusals = measure({
        "forged": (refusing(django.loads), lines("F.cookies")),
        "expired": (refusing(lambda cookie: django.loads(cookie, max_age=60)), lines("X.cookies")),
    })
    for case, cost in refusals.items():
        print(json.dumps({"refused": case, "cost": cost}))


if __name__ == "__main__":
    main()

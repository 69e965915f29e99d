"""Makes the vectors beside this file: what Django itself signs, one JSON object per line.

    python3 tests/vectors/make_vectors.py

needs Python 3.11 or newer (older ones cannot import Django 6.0) and a package index that pip can reach. Each
Django gets a virtual environment under target/, and this script runs itself again inside it with `--write
VERSION`. Nothing is left to chance or to the clock, so a second run writes the same files. Only another build
of zlib may compress differently.

Fields of a line:

    kind     "session"           a cookie or a stored row, written by Django's own session engines
             "dumps"             signing.dumps with its default salt, of any JSON value
             "signer"            Signer(...).sign(value)
             "timestamp_signer"  TimestampSigner(...).sign(value)
    keys     the ring: keys[0] signs, the others are fallbacks. {"text": ...}, or {"hex": ...} for bytes
    key      index of the key that signed: 1 or 2 is a cookie from before the key was rotated
    now      what time.time() said at that moment, not always a whole number
    json     the text that was signed, as Django's JSONSerializer writes it

Everything of the kinds "session" and "dumps" was written with compress=True, as the session engines do, and
Django decided by itself ("compressed" says how). What it did compress is there a second time, written with
compress=False, under a name that ends in "/plain".
"""

import itertools
import json
import math
import os
import random
import struct
import subprocess
import sys
import venv
from pathlib import Path
from unittest import mock

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent.parent / "target"

FULL = "5.2.19"
OTHERS = ["4.2.30", "6.0.10"]

# The vectors that the other versions also write. They must be the same bytes as in the full file.
HANDFUL = [
    "session/login",
    "session/types",
    "session/text/astral",
    "session/text/del",
    "session/integers/beyond-64-bits",
    "session/floats/shortest",
    "session/stamp/-1.5",
    "session/ring/rotated/2",
    "session/long/compressible",
    "session/long/compressible/plain",
    "dumps/list",
    "signer/0/0",
    "timestamp_signer/0/0",
]

COOKIE_SALT = "django.contrib.sessions.backends.signed_cookies"
ROW_SALT = "django.contrib.sessions.SessionStore"
DUMPS_SALT = "django.core.signing"


# ---- keys ----------------------------------------------------------------------------------------------


def text(key):
    return {"text": key}


def raw(key):
    return {"hex": key.hex()}


def key_of(key):
    return key["text"] if "text" in key else bytes.fromhex(key["hex"])


CURRENT = text("now:4J8#vqLw!2Zr$9xTn0Bd&6Yk(1Hs)3Fm-5Gp_7Cq=8Vj+Ax")
LAST = text("last year:t7Qe^0Rw@5Zu%3Io!8Pa*6Sd(2Fg)9Hj-1Kl_4Yx=7Cv")
OLDEST = text("the first one:Zn5&Xm1@Wb8!Vq4#Ur7$Ts0%Rp3^Qo6*Pn9(Ol2)")
RANDOM_BYTES = raw(bytes(random.Random("key").getrandbits(8) for _ in range(64)))
RING = [CURRENT, LAST, OLDEST]

RINGS = {
    "single": [CURRENT],
    "rotated": RING,
    "bytes-not-utf8": [raw(b"\xe7")],
    "bytes-as-fallback": [CURRENT, raw(b"\xe7")],
    "bytes-random": [RANDOM_BYTES, CURRENT],
    "bytes-with-nul": [raw(b"\x00" * 40), raw(b"before\x00after" * 4)],
    "non-ascii": [text("Schl\u00fcssel \u9375 \U0001f511, drei Schriften und mehr als f\u00fcnfzig Zeichen")],
    "longer-than-a-block": [text("0123456789abcdef" * 20)],
    "insecure": [text("django-insecure-0123456789"), text("x")],
}


# ---- sessions ------------------------------------------------------------------------------------------

CONTROLS = "".join(map(chr, range(0x20)))

TEXTS = {
    "empty": "",
    "ascii": "".join(map(chr, range(0x20, 0x7F))),
    "del": "\x7f",
    "del-inside": "before\x7fafter",
    "controls": CONTROLS,
    "short-escapes": "\b\f\n\r\t",
    "quotes": "\"double\" 'single' \\back\\ /slash/",
    "looks-escaped": "\\u0041\\n\\\\\"",
    "html": "<script>alert('&amp;')</script>",
    "c1-controls": "".join(map(chr, range(0x80, 0xA0))),
    "latin": "Zo\u00eb \u00c0\u00ff \u00d7\u00f7 \u00a0\u00ad",
    "bmp": "\u0416\u0443\u043a \u65e5\u672c\u8a9e \u05d0\u05d1 \u0e01\u0e34",
    "bmp-border": "\u07ff\u0800\ud7ff\ue000\uffff",
    "combining": "e\u0301 \u1100\u1161\u11a8",
    "separators": "\u2028\u2029\u200b\ufeff\ufffd\ufffe",
    "astral": "\U0001f600\U0001d11e\U00010000\U0010ffff",
    "astral-sequence": "\U0001f468\u200d\U0001f469\u200d\U0001f467\U0001f3fd",
    "looks-signed": ".eJw:1rABCD:abc-def_ghi=",
}

SURROGATES = {
    "high": "\ud800",
    "low": "\udfff",
    "high-then-text": "a\ud83dz",
    "wrong-order": "\ude00\ud83d",
    "high-then-pair": "\ud83d\U0001f600",
    "pair-then-low": "\U0001f600\ude00",
    "among-all": "\x7f\ud800\u00eb\n\udc00\"",
}

INTEGERS = {
    "small": [0, 1, -1, 9, 10, -10, 255, 65536, -65537],
    "double-border": [2**53 - 1, 2**53, 2**53 + 1, -(2**53) - 1],
    "i64-border": [2**63 - 1, 2**63, 2**63 + 1, -(2**63) + 1, -(2**63), -(2**63) - 1],
    "u64-border": [2**64 - 1, 2**64, 2**64 + 1, -(2**64)],
    "beyond-64-bits": [2**70, -(2**200), 2**127, 2**128, -(2**128), 10**21, 10**22 + 1],
    "300-digits": [int("7" * 300), -int("1234567890" * 30), 10**299],
    "beyond-every-double": [10**309, 2**1024],
}

FLOATS = {
    "zero": [0.0, -0.0],
    "plain": [0.5, -1.5, 1.0, 100.0, 3.14, -273.15, 1e3],
    "exponent-border": [1e15, 1e16, -1e16, 9999999999999998.0, 123456789012345680.0, 1e17, 1e21, 1e22, 1e23],
    "small-border": [0.001, 0.0001, 1e-5, 0.00012345, 0.000012345, 1e-6, 1e-7],
    "extremes": [5e-324, 1e-323, 2.2250738585072009e-308, 2.2250738585072014e-308, 1.7976931348623157e308],
    "shortest": [0.1, 0.1 + 0.2, 1 / 3, 2 / 3, 1e100, 1.1e-100, 0.1 + 0.7, 4.35, 2.675],
    "17-digits": [1.0000000000000002, 0.30000000000000004, 5.0000000000000009e-30, 12345.678901234567, 7.038531e-26],
    # Halfway between two spellings of the same length: writers differ in the last digit they choose.
    "ties": [2.0**-24, 2.0**-25, 20347074051.976562, 216823989.43554688, 0.7956008911132812, 68158522.29492188],
    # Doubles are closer together below a power of two than above it. At these the shortest spelling that
    # reads back is not the one that rounding to so many digits gives.
    "uneven-powers-of-two": [2.0**exponent for exponent in (-1017, -383, -140, -97, -77, -44, 89, 122, 132, 976)],
    "powers-of-two": [2.0**exponent for exponent in range(-1074, 1024, 41)],
    "whole": [2.0**53, 2.0**53 + 2, 2.0**63, 2.0**64, -(2.0**63), 4503599627370497.5],
    "nan": [math.nan],
    "infinities": [math.inf, -math.inf],
}

KEYS = {
    "empty": {"": "the key is empty"},
    "empty-everywhere": {"": {"": [{"": None}]}},
    "quotes": {'say "hi"': 1, "back\\slash": 2, "/": 3, "'": 4},
    "controls": {CONTROLS: 1, "\x7f": 2, "\n": 3},
    "non-ascii": {"\u00eb": 1, "\u65e5\u672c": 2, "\U0001f511": 3},
    "look-alike": {"a": 1, "A": 2, "\u0430": 3, " a": 4, "a ": 5, "\\u0061": 6},
    "order": {"zebra": 1, "apple": 2, "mango": 3, "0": 4, "10": 5, "9": 6},
    # Python converts these to text, so a session with integer keys looks like this afterwards.
    "not-text": {7: "int", 2.5: "float", None: "null", True: "bool"},
    "hundred": {"key-%d" % number: number * number for number in range(100)},
    "long": {"k" * 1000: "v"},
}


def deep(levels, shape):
    """`levels` containers in all. The session is one of them, so it is built from the inside."""
    value = "the bottom"
    for level in range(levels - 1):
        as_list = shape == "lists" or (shape == "mixed" and level % 2)
        value = [value] if as_list else {"in": value}
    return {"top": value}


def random_floats(rng, count):
    found = []
    while len(found) < count:
        number = struct.unpack(">d", rng.getrandbits(64).to_bytes(8, "big"))[0]
        if math.isfinite(number):
            found.append(number)
    return found


def random_text(rng, length):
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return "".join(rng.choice(alphabet) for _ in range(length))


def sessions():
    """Pairs of a name and the content of a session."""
    yield "empty", {}
    yield "login", {
        "_auth_user_id": "42",
        "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
        "_auth_user_hash": "0f" * 32,
    }
    yield "testcookie", {"testcookie": "worked"}
    for name, expiry in {"browser": 0, "five-minutes": 300, "none": None}.items():
        yield "own-expiry/" + name, {"_session_expiry": expiry, "cart": [1, 2]}
    yield "types", {
        "null": None, "true": True, "false": False, "int": 7, "float": 2.5, "text": "text",
        "list": [None, True, 1, 1.5, "x", [], {}], "object": {"a": {"b": []}}, "empty": [[], {}, ""],
    }
    yield "nested", {"cart": {"items": [{"sku": "A-1", "n": 2}, {"sku": "B\u00e9", "n": 1}], "total": 19.99}}
    for name, value in TEXTS.items():
        yield "text/" + name, {"text": value}
    for name, value in SURROGATES.items():
        yield "surrogate/value/" + name, {"text": value, "after": 1}
        yield "surrogate/nested-key/" + name, {"object": {value: value, "after": [{value: 1}]}}
    for name, numbers in INTEGERS.items():
        yield "integers/" + name, {"numbers": numbers, "after": 1}
    for name, numbers in FLOATS.items():
        yield "floats/" + name, {"numbers": numbers, "after": 1}
    for name, value in KEYS.items():
        yield "keys/" + name, value
    for levels, shape in itertools.product([2, 10, 64, 100, 120], ["lists", "objects", "mixed"]):
        yield "depth/%s/%d" % (shape, levels), deep(levels, shape)
    # Around the length at which Django begins to compress.
    for length in range(4, 20):
        yield "compression-border/%d" % length, {"text": "a" * length}
    rng = random.Random("sessions")
    yield "long/compressible", {"text": "a session of many words, " * 100}
    yield "long/compressible-non-ascii", {"text": "\u65e5\u672c\u8a9e\U0001f600 " * 150}
    yield "long/random-1000", {"text": random_text(rng, 1000)}
    yield "long/random-2900", {"text": random_text(rng, 2900)}
    yield "long/random-5000", {"text": random_text(rng, 5000)}
    for number in range(20):
        yield "random/floats/%d" % number, {"numbers": random_floats(rng, 16)}
    for number in range(10):
        bits = [rng.randrange(1, 400) for _ in range(8)]
        yield "random/integers/%d" % number, {"numbers": [rng.choice([1, -1]) * rng.getrandbits(n) for n in bits]}


# Django's stamp is int(now), which truncates toward zero: -1.5 becomes -1, and -0.5 becomes 0.
STAMPS = [
    0, 1, -1, -1.5, -0.5, 0.5, 0.999999, 9, 10, 35, 36, 61, 61.999, 62, 62.5, -61, -62.75, 3843, 3844, 1e9,
    2**31 - 1, 2**31 - 0.5, 2**31, 2**32 + 0.125, 2**33, 2**33 + 0.25, -(2**31) - 0.75, 62**6 - 1, 62**6,
    253402300799, 1763640000.123456, 1763640000.999999,
]


def ordinary_time(number):
    """A moment from the year 2023 on: whole, or with a fraction that a double holds exactly, or not."""
    return 1_700_000_000 + number * 86_411 + [0, 0.25, 0.9, 0.5][number % 4]


def session_cases():
    for number, (name, data) in enumerate(sessions()):
        yield {
            "name": "session/" + name,
            "kind": "session",
            "data": data,
            # Cycles through both salts of the engines and, independently, through rings of one to three keys.
            "salt": ROW_SALT if number % 4 == 3 else COOKIE_SALT,
            "keys": RING[: 1 + number % 3],
            "key": number // 3 % (1 + number % 3),
            "now": ordinary_time(number),
        }
    base = {"kind": "session", "salt": COOKIE_SALT}
    for now in STAMPS:
        name = "session/stamp/%r" % now
        yield {**base, "name": name, "data": {"at": str(now)}, "keys": [CURRENT], "key": 0, "now": now}
    for ring, keys in RINGS.items():
        for key in range(len(keys)):
            name = "session/ring/%s/%d" % (ring, key)
            yield {**base, "name": name, "data": {"ring": ring}, "keys": keys, "key": key, "now": 1_763_640_000.5}


def dumps_cases():
    values = {
        "null": None, "true": True, "false": False, "zero": 0, "integer": -17, "big-integer": 2**70,
        "float": 0.1 + 0.2, "negative-zero": -0.0, "exponent": 1e16, "nan": math.nan, "infinity": -math.inf,
        "text": "hello", "empty-text": "", "quote": "a \u2019string\u2019", "astral": "\U0001f600", "del": "\x7f",
        "surrogate": ["\ud800", {"\udfff": "x"}], "list": ["a", "list"], "empty-list": [],
        "nested-list": [1, [2, [3, [None]]]], "range": list(range(1, 20)), "object": {"a": "dictionary"},
        "empty-object": {}, "objects": [{"a": 1}, {"a": 2}], "long-text": "words and words " * 40,
        "long-list": [0.5] * 60, "ids": list(range(1000, 1100)),
    }
    for number, (name, value) in enumerate(values.items()):
        yield {
            "name": "dumps/" + name,
            "kind": "dumps",
            "data": value,
            "salt": DUMPS_SALT,
            "keys": RING[: 1 + number % 3],
            "key": number % (1 + number % 3),
            "now": ordinary_time(number),
        }


# ---- plain text ----------------------------------------------------------------------------------------

SEPARATORS = [
    ":", "/", "*sep*", ",", "::", ".", " ", "|", "~", "-:-", "a:", "\t", "\r\n", "\u00e9", "\u2019", "\U0001f600",
]
VALUES = [
    "hello", "", "3098247:529:087:", "jkw osanteuh ,rcuh nthu aou oauh ,ud du", "\u2019", "na\u00efve caf\u00e9",
    "\u65e5\u672c\u8a9e", "\U0001f511\U0001f600", "\x00\n\x7f", ".eJw:1rABCD", '{"a":"b"}',
]
SALTS = [None, "extra-salt", "s\u00e4lt:\U0001f9c2"]


def signer_cases(kind):
    for first, sep in enumerate(SEPARATORS):
        values = [VALUES[(first + step) % len(VALUES)] for step in (0, 4)]
        # The split is from the right, whatever the value holds.
        values.append("%sinside%sand at the end%s" % (sep, sep, sep))
        for second, value in enumerate(values):
            keys = list(RINGS.values())[(first + second) % len(RINGS)]
            case = {
                "name": "%s/%d/%d" % (kind, first, second),
                "kind": kind,
                "sep": sep,
                "salt": SALTS[(first + second) % len(SALTS)],
                "keys": keys,
                "key": (first + second) % len(keys),
                "value": value,
            }
            if kind == "timestamp_signer":
                case["now"] = STAMPS[(3 * first + second) % len(STAMPS)]
            yield case


# ---- inside a virtual environment ----------------------------------------------------------------------


def signed(case):
    """The finished lines of one case: one, or two if Django compressed it."""
    with mock.patch("time.time", return_value=case.get("now")):
        if case["kind"] in ("session", "dumps"):
            return signed_json(case)
        return [signed_text(case)]


def signed_json(case):
    from django.conf import settings
    from django.contrib.sessions.backends import file, signed_cookies
    from django.core import signing

    data = case.pop("data")
    key = key_of(case["keys"][case["key"]])
    if case["kind"] == "dumps":
        cookie = signing.dumps(data, key=key, compress=True)
    elif case["salt"] == COOKIE_SALT:
        settings.SECRET_KEY = key
        store = signed_cookies.SessionStore()
        store.update(data)
        store.save()
        cookie = store.session_key
    else:
        settings.SECRET_KEY = key
        cookie = file.SessionStore().encode(data)

    text = signing.JSONSerializer().dumps(data).decode("ascii")
    lines = [{**case, "cookie": cookie, "compressed": cookie.startswith("."), "json": text}]
    if cookie.startswith("."):
        plain = signing.dumps(data, key=key, salt=case["salt"], compress=False)
        lines.append({**case, "name": case["name"] + "/plain", "cookie": plain, "compressed": False, "json": text})

    ring = [key_of(key) for key in case["keys"]]
    for line in lines:
        back = signing.loads(line["cookie"], key=ring[0], salt=case["salt"], fallback_keys=ring[1:])
        assert signing.JSONSerializer().dumps(back).decode("ascii") == text, line["name"]
    return lines


def signed_text(case):
    from django.core import signing

    signer = {"signer": signing.Signer, "timestamp_signer": signing.TimestampSigner}[case["kind"]]
    ring = [key_of(key) for key in case["keys"]]
    line = {**case, "signed": signer(key=ring[case["key"]], sep=case["sep"], salt=case["salt"]).sign(case["value"])}

    reader = signer(key=ring[0], sep=case["sep"], salt=case["salt"], fallback_keys=ring[1:])
    assert reader.unsign(line["signed"]) == case["value"], case["name"]
    return line


def path_of(version):
    return HERE / ("django-%s.jsonl" % version)


def write(version):
    import django
    from django.conf import settings

    assert django.get_version() == version, django.get_version()
    settings.configure()

    cases = [*session_cases(), *dumps_cases(), *signer_cases("signer"), *signer_cases("timestamp_signer")]
    lines = [line for case in cases for line in signed(case)]
    names = [line["name"] for line in lines]
    assert len(set(names)) == len(names) and set(HANDFUL) <= set(names)
    if version != FULL:
        lines = [line for line in lines if line["name"] in HANDFUL]

    with open(path_of(version), "w", encoding="ascii", newline="\n") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    print("%s: %d lines" % (path_of(version).name, len(lines)))


# ---- outside -------------------------------------------------------------------------------------------


def python_with_django(version):
    home = TARGET / ("venv-django-" + version)
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
    # Django 6.0 asks for Python 3.12, but what is used here of it runs on 3.11 too. `write` checks that the
    # version that was asked for is the one that signs.
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--ignore-requires-python"]
    subprocess.run([*pip, "django==" + version], check=True)
    return python


def main():
    for version in [FULL, *OTHERS]:
        subprocess.run([python_with_django(version), __file__, "--write", version], check=True)
    full = set(path_of(FULL).read_text("ascii").splitlines())
    for version in OTHERS:
        assert set(path_of(version).read_text("ascii").splitlines()) <= full, version
    print("all versions agree on the lines they share")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        write(sys.argv[2])
    else:
        main()

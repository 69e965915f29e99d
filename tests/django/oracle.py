"""Django's side of the interop tests. It runs where Django 5.2.19 is installed.

    python oracle.py generate SEED COUNT    prints COUNT random sessions, signed by Django
    python oracle.py judge                  reads requests from stdin, answers each on one line of stdout

Both speak one JSON object per line. The same seed gives the same sessions, except that compressed cookies
depend on the build of zlib, which is named on stderr together with Django's version.

A line of `generate`:

    {"json": text, "keys": [KEY, ...], "key": index of the one that signed, "salt": text, "now": number,
     "cookie": signed with compress=True, "plain": signed with compress=False, "traits": [name, ...]}

KEY is {"text": ...}, or {"hex": ...} for bytes; the first one signs, the others are fallbacks. TRAITS, below,
lists what makes a session hard to keep. One trait may bring another with it (most ties have 17 digits), but a
session without any has none of them.

Requests to `judge`, and their answers (any of them may be {"ok": false, "error": why}):

    {"op": "load", "salt", "keys", "now", "max_age", "cookie"}            -> {"ok": true, "json": text}
    {"op": "expect", "salt", "keys", "now", "cookie", "json"}             -> {"ok": true}
    {"op": "unsign", "kind": "Signer" or "TimestampSigner", "sep", "salt", "keys", "now", "max_age", "signed"}
                                                                          -> {"ok": true, "value": text}

"max_age" and the signers' "salt" may be null. "expect" loads the cookie and asks for the very values of "json":
the same types in the same order, NaN for NaN, and -0.0 only for -0.0. An error is the name of Django's exception,
or what "expect" found different. A request that is no request ends the program instead, so that it cannot pass
for a refusal.
"""

import json
import math
import random
import struct
import sys
import time
import zlib
from decimal import Decimal
from unittest import mock

import django
from django.conf import settings
from django.core import signing

import lines

COOKIE_SALT = "django.contrib.sessions.backends.signed_cookies"
ROW_SALT = "django.contrib.sessions.SessionStore"


def key_of(key):
    return key["text"] if "text" in key else bytes.fromhex(key["hex"])


def frozen(now):
    return mock.patch.object(time, "time", lambda: now)


# ---- generate: the ordinary content --------------------------------------------------------------------

# Without traits: no control characters, no astral characters, no surrogates, and only letters that need escapes in names.
ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
    " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ 09 az",
    "".join(map(chr, range(0xA0, 0x180))),
    "\u0416\u0443\u043a\u65e5\u672c\u8a9e\u05d0\u0e01\u200d\u2028\u2029\u20ac\ufeff\ufffd\uffff\ud7ff\ue000",
]
NAMES = ALPHABETS[0] + "-.\u00eb\u65e5"


def random_text(rng, most=24):
    alphabet = rng.choice(ALPHABETS)
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(0, most)))


def random_name(rng):
    return "".join(rng.choice(NAMES) for _ in range(rng.randint(1, 12)))


def new_name(rng, taken):
    name = random_name(rng)
    while name in taken:
        name = random_name(rng)
    return name


def random_scalar(rng):
    return rng.choice(
        [
            lambda: None,
            lambda: rng.random() < 0.5,
            lambda: rng.randint(-9, 100),
            lambda: rng.choice([1, -1]) * rng.getrandbits(rng.randint(1, 63)),
            lambda: rng.choice([2**63 - 1, -(2**63), 2**63, 2**64 - 1, 2**53 + 1]),
            lambda: round(rng.uniform(-1e6, 1e6), rng.randint(0, 6)),
            lambda: rng.choice([0.0, -0.0, 1e15, 1e16, 1e-5, 0.0001, 1e22, 1.5, -2.25]),
            lambda: random_text(rng),
            lambda: random_text(rng),
        ]
    )()


def random_value(rng, levels):
    kind = rng.random() if levels else 1
    if kind < 0.15:
        return [random_value(rng, levels - 1) for _ in range(rng.randint(0, 4))]
    if kind < 0.3:
        return {random_name(rng): random_value(rng, levels - 1) for _ in range(rng.randint(0, 4))}
    return random_scalar(rng)


# ---- generate: the traits ------------------------------------------------------------------------------

CONTROLS = [*map(chr, range(0x20)), "\x7f"]
ASTRAL = ["\U00010000", "\U0001d11e", "\U0001f600", "\U0001f468\u200d\U0001f469", "\U0010ffff"]
ESCAPED = ['"', "\\", "\\n", '"\\"', "\n", "\x00", "\x7f", "\\u0041", "\u2028"]


def spoilt(rng, pieces):
    """Ordinary text with one or more of the pieces in it."""
    parts = [random_text(rng, 6)]
    for _ in range(rng.randint(1, 4)):
        parts += [rng.choice(pieces), random_text(rng, 6)]
    return "".join(parts)


def surrogate(rng):
    high, low = chr(rng.randint(0xD800, 0xDBFF)), chr(rng.randint(0xDC00, 0xDFFF))
    # Never a high surrogate directly before a low one: that is a pair, which is read back as one character.
    lone = rng.choice([high, low, low + high, high + high, high + "x" + low, "\U0001f600" + low])
    text = random_text(rng, 6) + lone + random_text(rng, 6)
    return {text: random_scalar(rng)} if rng.random() < 0.4 else text


def big_integer(rng):
    if rng.random() < 0.2:
        return rng.choice([2**64, 2**64 + 1, -(2**63) - 1, -(2**64), 2**70, 10**19 * 2, -(2**200)])
    digits = rng.choice([20, 21, 25, 40, 80, 300])
    return rng.choice([1, -1]) * rng.randrange(2 * 10 ** (digits - 1), 10**digits)


def digits_of(text):
    return Decimal(text).normalize().as_tuple().digits


def any_double(rng):
    number = math.nan
    while not math.isfinite(number):
        number = struct.unpack(">d", rng.getrandbits(64).to_bytes(8, "big"))[0]
    return number


def float_of_17_digits(rng):
    if rng.random() < 0.3:
        return any_double(rng)
    number = 0.0
    while len(digits_of(repr(number))) != 17:
        number = rng.uniform(-1, 1) * 10.0 ** rng.randint(-8, 18)
    return number


def is_tie(number):
    """Exactly halfway between two spellings of the shortest length."""
    exact = Decimal(number).normalize().as_tuple().digits
    return exact[-1] == 5 and len(exact) == len(digits_of(repr(number))) + 1


def is_uneven(number):
    """The shortest spelling that reads back is not the one that rounding gives: true of some powers of two."""
    rounded = format(number, ".%de" % (len(digits_of(repr(number))) - 1))
    return Decimal(rounded) != Decimal(repr(number))


POWERS = [2.0**exponent for exponent in range(-1074, 1024)]
HARD_POWERS = [number for number in POWERS if is_tie(number) or is_uneven(number)]


def tie(rng):
    kind = rng.random()
    if kind < 0.2:
        return rng.choice(POWERS)
    if kind < 0.6:
        return rng.choice(HARD_POWERS)
    number = 0.0
    while not is_tie(number):
        number = math.ldexp(rng.getrandbits(rng.randint(30, 53)) | 1, -rng.randint(2, 24))
    return rng.choice([1, -1]) * number


def escaped_key(rng):
    return {spoilt(rng, ESCAPED): random_scalar(rng) for _ in range(rng.randint(1, 3))}


def depth(rng):
    """Returns nested containers. The session itself is one level more, so the deepest one has 127 levels, serde_json's limit."""
    levels = 126 if rng.random() < 0.2 else rng.randint(16, 126)
    value = rng.choice([[], {}])
    for _ in range(levels - 1):
        value = [value] if rng.random() < 0.5 else {rng.choice("abc"): value}
    return value


def long_text(rng):
    length = rng.randint(1024, 6144)
    if rng.random() < 0.5:
        words = [random_name(rng) for _ in range(8)]
        return " ".join(rng.choice(words) for _ in range(length))[:length]
    return "".join(rng.choice(ALPHABETS[0]) for _ in range(length))


def listed(make):
    """Returns a few values of a kind, as a list or alone."""
    return lambda rng: make(rng) if rng.random() < 0.5 else [make(rng) for _ in range(rng.randint(1, 5))]


TRAITS = {
    "control": listed(lambda rng: spoilt(rng, CONTROLS)),
    "astral": listed(lambda rng: spoilt(rng, ASTRAL)),
    "surrogate": listed(surrogate),
    "bigint": listed(big_integer),
    "float17": listed(float_of_17_digits),
    "tie": listed(tie),
    "escaped-key": escaped_key,
    "empty-key": lambda rng: {"": random_scalar(rng)},
    "depth": depth,
    "nonfinite": listed(lambda rng: rng.choice([math.nan, math.inf, -math.inf])),
    "long": long_text,
}
OF_KEYS = ("escaped-key", "empty-key")


def chosen_traits(rng, number):
    # Whatever the seed is, five sessions in a hundred get the traits in turn, and five more get one by chance.
    by_turns = number % 20
    return [name for index, name in enumerate(TRAITS) if index == by_turns or rng.random() < 0.05]


def random_session(rng, traits):
    session = {}
    for trait in traits:
        value = TRAITS[trait](rng)
        if trait in OF_KEYS and rng.random() < 0.5:
            session.update(value)
        else:
            session[new_name(rng, session)] = value
    for _ in range(rng.randint(0, 8)):
        session[new_name(rng, session)] = random_value(rng, 3)
    items = list(session.items())
    rng.shuffle(items)
    return dict(items)


def random_key(rng):
    if rng.random() < 0.25:
        return {"hex": rng.getrandbits(8 * 48).to_bytes(48, "big").hex()}
    alphabet = "".join(map(chr, range(0x21, 0x7F))) + "\u00eb\u65e5\U0001f511"
    return {"text": "".join(rng.choice(alphabet) for _ in range(rng.randint(40, 70)))}


def generated(seed, number):
    # Each session has its own random source, so that it can be generated again without the ones before it.
    rng = random.Random("%s/%d" % (seed, number))
    traits = chosen_traits(rng, number)
    session = random_session(rng, traits)
    keys = [random_key(rng) for _ in range(rng.randint(1, 3))]
    signed_by = rng.randrange(len(keys))
    salt = COOKIE_SALT if rng.random() < 0.8 else ROW_SALT
    now = rng.randrange(1_500_000_000, 2_500_000_000) + rng.choice([0, 0.25, 0.5, rng.random()])

    with frozen(now):
        cookie, plain = (
            signing.dumps(session, key=key_of(keys[signed_by]), salt=salt, compress=compress)
            for compress in (True, False)
        )
    return {
        "json": signing.JSONSerializer().dumps(session).decode("ascii"),
        "keys": keys,
        "key": signed_by,
        "salt": salt,
        "now": now,
        "cookie": cookie,
        "plain": plain,
        "traits": traits,
    }


# ---- judge ---------------------------------------------------------------------------------------------


def difference(found, expected, at="session"):
    """Returns where the two differ, or None. With `==`, True is 1, 1 is 1.0, and order does not matter."""
    if type(found) is not type(expected):
        return "%s: %s instead of %s" % (at, type(found).__name__, type(expected).__name__)
    if isinstance(found, dict):
        if list(found) != list(expected):
            return "%s: keys %s instead of %s" % (at, ascii(list(found)), ascii(list(expected)))
        pairs = [(found[key], expected[key], "%s[%s]" % (at, ascii(key))) for key in found]
    elif isinstance(found, list):
        if len(found) != len(expected):
            return "%s: %d items instead of %d" % (at, len(found), len(expected))
        pairs = [(*both, "%s[%d]" % (at, index)) for index, both in enumerate(zip(found, expected))]
    else:
        # repr is exact for floats. It distinguishes the two zeros, and treats all NaNs as equal.
        same = repr(found) == repr(expected)
        return None if same else "%s: %s instead of %s" % (at, ascii(found), ascii(expected))
    return next(filter(None, (difference(*pair) for pair in pairs)), None)


class Refused(Exception):
    pass


def attempt(now, function, *arguments, **named):
    """Calls Django. Its session engine treats every exception as "no session", so all of them are refusals."""
    try:
        with frozen(now):
            return function(*arguments, **named)
    except Exception as error:
        raise Refused(type(error).__name__) from error


def ring_of(request):
    key, *fallback_keys = map(key_of, request["keys"])
    return {"key": key, "fallback_keys": fallback_keys, "salt": request["salt"]}


def load(request):
    now, cookie, max_age = request["now"], request["cookie"], request["max_age"]
    found = attempt(now, signing.loads, cookie, max_age=max_age, **ring_of(request))
    return {"ok": True, "json": json.dumps(found, separators=(",", ":"))}


def expect(request):
    expected = json.loads(request["json"])
    found = attempt(request["now"], signing.loads, request["cookie"], **ring_of(request))
    why = difference(found, expected)
    if why:
        raise Refused(why)
    return {"ok": True}


def unsign(request):
    kinds = {"Signer": signing.Signer, "TimestampSigner": signing.TimestampSigner}
    signer, now, sep = kinds[request["kind"]], request["now"], request["sep"]
    age = {} if signer is signing.Signer else {"max_age": request["max_age"]}
    reader = attempt(now, signer, sep=sep, **ring_of(request))
    return {"ok": True, "value": attempt(now, reader.unsign, request["signed"], **age)}


def answer(request):
    try:
        return {"load": load, "expect": expect, "unsign": unsign}[request["op"]](request)
    except Refused as error:
        return {"ok": False, "error": str(error)}


def main():
    settings.configure()
    print(django.get_version(), zlib.ZLIB_RUNTIME_VERSION, file=sys.stderr, flush=True)
    if sys.argv[1:] == ["judge"]:
        lines.serve(answer)
        return
    _, command, seed, count = sys.argv
    assert command == "generate", command
    for number in range(int(count)):
        print(json.dumps(generated(seed, number)))


if __name__ == "__main__":
    main()

"""Python's side of the tests of pickles.

    python3 pickles.py generate SEED COUNT    prints COUNT random sessions
    python3 pickles.py judge                  reads sessions from stdin, and says for each whether it is right

One JSON object per line:

    generate    {"json": text, "pickles": [hex, hex, hex, hex]}    the same session in the protocols 2 to 5
    judge       {"json": text, "pickle": hex}    ->    "" if the pickle has the very types and values of the JSON text, in
                order, NaN for NaN, and -0.0 only for -0.0; otherwise the reason, as a JSON text
"""

import json
import math
import pickle
import random
import struct
import sys

TEXTS = [
    "abcdefghijklmnopqrstuvwxyz_-0123456789",
    "\"\\/'{}[]:, \t\n\r\b\f\x00\x1f\x7f",
    "\x80\xe4\xebé\u0416\u65e5\u2028\u20ac\ufeff\uffff\ud7ff\ue000",
    "\U00010000\U0001f600\U0010ffff",
    "\ud800\udbff",
    "\udc00\udfff",
]


def text_of(rng, is_key=False):
    kinds = TEXTS[:4] if is_key else TEXTS
    alphabet = rng.choice(kinds) + rng.choice(kinds)
    length = rng.choice([0, 1, 3, 8, 20, 20, 300])
    text = "".join(rng.choice(alphabet) for _ in range(length))
    # Python distinguishes a pair of surrogates from the character that they encode, and JSON does not.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def integer_of(rng):
    edges = [2**bits + offset for bits in (7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 2040) for offset in (-1, 0, 1)]
    digits = rng.choice([1, 3, 9, 10, 18, 19, 20, 30, 40, 40, 600])
    return rng.choice([1, -1]) * rng.choice([rng.choice(edges), rng.randrange(10**digits)])


def float_of(rng):
    any_bits = struct.unpack(">d", rng.getrandbits(64).to_bytes(8, "big"))[0]
    edges = [0.0, -0.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e16, 1e15, 1e-4, 1e-5, 2.0**-25]
    rare = rng.choice([math.inf, -math.inf, math.nan])
    shorter = round(rng.uniform(-1e6, 1e6), rng.randint(0, 6))
    return rng.choice([any_bits, rng.choice(edges), shorter, shorter, rare, float(rng.randrange(10**17))])


def value_of(rng, levels, shared):
    kind = rng.random() if levels else rng.uniform(0, 0.7)
    if kind < 0.1:
        return rng.choice([None, True, False])
    if kind < 0.25:
        return integer_of(rng)
    if kind < 0.4:
        return float_of(rng)
    if kind < 0.6 or not shared:
        value = text_of(rng)
    elif kind < 0.7:
        return rng.choice(shared)
    elif kind < 0.85:
        value = [value_of(rng, levels - 1, shared) for _ in range(rng.choice([0, 1, 2, 3, 8]))]
    else:
        keys = [text_of(rng) for _ in range(rng.choice([0, 1, 2, 4]))]
        value = {key: value_of(rng, levels - 1, shared) for key in keys}
    shared.append(value)
    return value


def session_of(rng):
    if rng.random() < 0.001:
        # Python's pickler sets 1,000 items at once.
        return {"list": list(range(1500)), **{f"key {at}": at for at in range(1100)}}
    shared = []
    keys = [text_of(rng, is_key=True) for _ in range(rng.choice([0, 1, 2, 3, 6]))]
    return {key: value_of(rng, 3, shared) for key in keys}


def dumps(value):
    return json.dumps(value, separators=(",", ":"))


def generate(seed, count):
    rng = random.Random(seed)
    while count:
        session = session_of(rng)
        text = dumps(session)
        # Shared values may make it long; the pickles stay short.
        if len(text) > 2**20:
            continue
        count -= 1
        pickles = [pickle.dumps(session, protocol).hex() for protocol in range(2, 6)]
        print(dumps({"json": text, "pickles": pickles}))


def difference(ours, theirs):
    if type(ours) is not type(theirs):
        return f"{type(ours).__name__} in place of {type(theirs).__name__}"
    if isinstance(ours, float):
        if struct.pack(">d", ours) == struct.pack(">d", theirs) or (ours != ours and theirs != theirs):
            return ""
    elif isinstance(ours, list) and len(ours) == len(theirs):
        return next(filter(None, map(difference, ours, theirs)), "")
    elif isinstance(ours, dict) and list(ours) == list(theirs):
        return next(filter(None, map(difference, ours.values(), theirs.values())), "")
    elif ours == theirs:
        return ""
    return f"another {type(ours).__name__}"


def judge():
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = difference(pickle.loads(bytes.fromhex(asked["pickle"])), json.loads(asked["json"]))
        except Exception as error:
            answer = repr(error)
        print(json.dumps(answer))


if sys.argv[1] == "generate":
    generate(sys.argv[2], int(sys.argv[3]))
else:
    judge()

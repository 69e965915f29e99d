#!/usr/bin/env python3
"""Writes fuzz/seeds from the vectors in tests/vectors: `python3 fuzz/make_seeds.py`.

Each target gets inputs in its own form (see the comment at the top of the target). A file is named after its content, so
that the same seed always has the same name.
"""

import base64
import hashlib
import json
import pickle
import random
import shutil
from pathlib import Path

FUZZ = Path(__file__).parent
VECTORS = FUZZ.parent / "tests" / "vectors"
SEPARATOR = b"\xfe"
# Of each target, so that all of them together stay small.
MOST_FILES = 40
MOST_BYTES = 600

def vectors(name):
    with open(VECTORS / f"{name}.jsonl", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]

def joined(*parts):
    return SEPARATOR.join(part if isinstance(part, bytes) else part.encode() for part in parts)

def payload_of(cookie):
    return cookie.rsplit(":", 2)[0]

def bytes_of(payload):
    return base64.urlsafe_b64decode(payload.lstrip(".") + "==")

def evenly(seeds):
    """At most MOST_FILES of the short ones, from the whole list."""
    seeds = list(dict.fromkeys(seed for seed in seeds if len(seed) <= MOST_BYTES))
    step = max(1, -(-len(seeds) // MOST_FILES))
    return seeds[::step]

django = vectors("django-5.2.19")
sessions = [vector for vector in django if vector["kind"] == "session"]
signed = [vector for vector in django if vector["kind"] == "signer"]
cookies = [vector["cookie"] for vector in sessions]
texts = [vector["json"] for vector in sessions]
suite = [base64.b64decode(vector["bytes"]) for vector in vectors("json-suite")]
headers = vectors("cookie-headers")
set_cookies = [vector for vector in vectors("set-cookie-headers") if vector["kind"] == "set"]
expiries = [
    json.dumps(session["_session_expiry"])
    for session in map(json.loads, texts)
    if "_session_expiry" in session
]
EXPIRY_TEXTS = [
    '"2023-11-14T22:13:20+00:00"',
    '"2023-11-14T22:14:20.123456"',
    '"20231114T221320Z"',
    '"2023-11-14 22:13:20-01:30:15"',
    '"0001-01-01T00:00:00+00:00"',
    '"9999-12-31T23:59:59.999999+00:00"',
    "0",
    "300",
    "-1.5",
    "5e-324",
    "1e309",
    "null",
]

def login(hash, backend="django.contrib.auth.backends.ModelBackend"):
    session = {"_auth_user_id": "7", "_auth_user_backend": backend, "_auth_user_hash": hash}
    return json.dumps({**session, "cart": [1, 2]})

def set_cookie(vector):
    options = vector["options"]
    flags = "" if options.get("secure") else "s"
    flags += "" if options.get("httponly") else "h"
    flags += {"Lax": "l", "None": "n", "Strict": "t"}.get(options.get("samesite"), "o")
    return joined(
        vector["name"],
        vector["value"],
        options.get("path") or "-",
        options.get("domain") or "-",
        str(options.get("max_age") or ""),
        str(vector["now"]),
        flags,
    )

def edits(text):
    """Inserts all values of a session, and then edits them."""
    pairs = [f"j{key}={json.dumps(value)}" for key, value in json.loads(text).items()]
    key = next(iter(json.loads(text)), "")
    return joined(*pairs, "w", f"iname=Zoë", f"d{key}=x", f"s{key}=copy", f"o{key}", "ocopy", f"mname={key}", f"p{key}", f"u{key}=a\nb", f"r{key}2", "w")

def handle(request, text):
    """Each call, then the response."""
    calls = ("q", "gname", "iname=Zoë", "w=name", "t", "d", "y", "pname", "iage=7", "rage", "q")
    return joined(request, text, *calls)

objects = [text for text in texts if "\\ud" not in text]
seeds = {
    "forged": [joined(vector["cookie"], *(key.get("text", "") for key in vector["keys"])) for vector in sessions],
    "tampered": [
        joined(vector["keys"][0].get("text", "k"), vector["json"], "a salt", change)
        for vector in sessions
        for change in (b"p\x00\x00A", b"i\x00\x05:", b"d\x00\x0aaa", b"s\x00\x10")
    ],
    "roundtrip": [*(text.encode() for text in texts), *(b'{"a":' + text + b"}" for text in suite)],
    "compressed": [b"\x10" + text.encode() for text in texts]
    + [b"\x20" + ('{"a":"%s"}' % ("~" * times)).encode() for times in (1, 3, 9, 20)],
    "payload": [
        *(b"b" + bytes_of(payload_of(cookie)) for cookie in cookies if not cookie.startswith(".")),
        *(b"z" + bytes_of(payload_of(cookie)) for cookie in cookies if cookie.startswith(".")),
        *(b"t" + payload_of(cookie).encode() for cookie in cookies[::20]),
        *(b"b" + text for text in suite[::20]),
    ],
    "bomb": [
        *(joined("1000", text) for text in texts),
        *(joined(limit, '{"a":"b', run, '"}') for limit in ("0", "300", "4000") for run in ("10x", "300x", "49999x")),
        *(joined("4096", '{"a": ', run, run, "1}") for run in ("1000x", "49999x")),
    ],
    "cookie_header": [
        joined(name, *vector["header"].split("\n"))
        for vector in headers
        for name in list(vector["cookies"])[:1] or ["a"]
    ],
    "youngest": [
        joined(f"0 0 {a}", f"1 60 {b}", f"2 0 {a}", cookie)
        for a, b, cookie in zip(texts, texts[1:], cookies)
    ]
    + [joined("0 -60 {}", "1 -60 {}", "0 -9999999 {}", "0 0 []", "sessionid")],
    "session_key": [
        joined(f"a=1; sessionid={key}; sessionid={other}")
        for key in ("0123456789abcdefghijklmnopqrstuv", "short", "UPPERCASE0123456", "a" * 40, "a" * 41)
        for other in ("abcdefgh", "a.b", "")
    ]
    + [b"01234567890123456789012345678901"],
    "set_cookie": [
        *map(set_cookie, set_cookies),
        joined("__Host-sessionid", "v", "/", "-", "60", "1700000000", "p"),
        joined("__Http-a", "v", "/a", ".example.org", "0", "-11644473600", "t"),
        joined("__secure-a", "v", "-", "-", "-1", "253402300799", "n"),
    ],
    "edits": [edits(text) for text in objects],
    "handle": [
        handle(request + response, text)
        for text in objects[::40]
        for request in "ncxNkguo"
        for response in ("", "v", "Vs", "ap", "5", "4v", "1", "G", "K", "F")
    ]
    + [joined(request, '{"a":1}', *calls) for request in "ckuN" for calls in (["f"], ["f", "ia=b"], ["c"], ["aa=b"], ["ga"], ["y"])],
    "values": [*(text.encode() for text in texts), *suite],
    "json": [*(text.encode() for text in texts), *suite, *(b'{"a":' + text + b"}" for text in suite)],
    "expiry": [text.encode() for text in (*expiries, *EXPIRY_TEXTS)],
    "login": [
        joined(login(hash), password, user, "a.b.Backend")
        for hash in ("H0", "H1", "H2", "")
        for password in ("pbkdf2_sha256$1000000$salt$hash", "")
        for user in ("7", "8")
    ]
    + [joined(text, "p", "1", "b") for text in ("{}", '{"_auth_user_id":7}', login("H0", backend=None), '{"a":1}')],

    "limits": [
        joined(str(at), str(now), age, ahead, earliest, length, json_length, text)
        for text in texts[::40]
        for at, now in ((1700000000, 1700000060), (1700000060, 1700000000), (-5, 0), (253402300800, 0))
        for age, ahead, earliest in (("", "", ""), ("59", "60", "1700000000"), ("60", "59", "1700000001"))
        for length, json_length in (("", ""), ("100", "50"))
    ],
    "signing": [joined(v["value"], v["salt"] or "", "other", v["sep"]) for v in signed],
    "secret_key": [
        *(key["text"].encode() for vector in sessions for key in vector["keys"] if "text" in key),
        b"django-insecure-0123456789abcdefghijklmnopqrstuv",
        b"0123456789abcdefghijklmnopqrstuvwxyz\n",
        b"\xef\xbb\xbf0123456789abcdefghijklmnopqrstuvwxyz",
        b"k",
        b"ab" * 20,
    ],
    "record": [
        *(b"j" + text.encode() for text in texts),
        *(b"p" + payload_of(cookie).encode() for cookie in cookies),
        *(b"c" + text.encode() for text in texts[::20]),
        *(b"f" + cookie.encode() for cookie in cookies[::20]),
        # Around the ends of half years, when the clocks of the target change.
        *(b"t%d" % (10**9 * (15811200 * half + 60 * at)) for half in (-4000, 0, 108, 109) for at in range(-60, 60, 3)),
    ],
    # Without the two bytes that name the protocol.
    "pickle": [pickle.dumps(json.loads(text), protocol)[2:] for text in objects for protocol in (2, 4, 5)],
    # Random steps. Each browser, key and handler occurs in a few of them.
    "middleware": [random.Random(number).randbytes(193) for number in range(MOST_FILES)],
    "store": [random.Random(number).randbytes(192) for number in range(MOST_FILES // 2)]
    # The same, with fewer faults.
    + [
        bytes(byte if at % 8 < 4 or byte > 200 else 0 for at, byte in enumerate(random.Random(number).randbytes(192)))
        for number in range(MOST_FILES // 2)
    ],
    "zlib": [text.encode() for text in texts],
    "zlib_thorough": [text.encode() for text in texts],
    "zlib_tokens": [text.encode() for text in texts[::10]],
}

shutil.rmtree(FUZZ / "seeds", ignore_errors=True)
for target, inputs in seeds.items():
    folder = FUZZ / "seeds" / target
    folder.mkdir(parents=True)
    for data in evenly(inputs):
        (folder / hashlib.sha256(data).hexdigest()[:12]).write_bytes(data)

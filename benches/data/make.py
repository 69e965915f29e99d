"""Creates the sessions that are measured, with a real Django 5.2: 64 of each class, the same in every run.

usage: python benches/data/make.py [FOLDER]        (this file's own folder by default)
       python benches/data/make.py --generate COUNT

    S   a login                  F   M with a forged signature
    M   a cart, some of it not ASCII    X   M, signed too long ago
    L   texts and tokens         R   M, signed with the third key
    XL  about as much as a cookie holds

Writes keys.txt (the signing key, then two fallbacks), CLASS.jsonl (the JSON text as Django writes it) and CLASS.cookies,
one per line. The cookies were signed at NOW and are to be verified at NOW + 60.

With --generate, prints other sessions, COUNT of each class: CLASS, the length of their zlib stream, and JSON text.
"""

import json
import random
import sys
import zlib
from pathlib import Path
from unittest import mock

from django.conf import settings

KEYS = [
    "k1-7d$u!m3o0q2z@8r#xw5v+e9t&y1a4s6-0123456789-abcdef",
    "k2-older-secret-key-0123456789abcdefghijklmnopqrstuv",
    "k3-oldest-secret-key-zyxwvutsrqponmlkjihgfedcba98765",
]
settings.configure(SECRET_KEY=KEYS[0])
from django.core import signing  # noqa: E402  (it reads the settings)

SALT = "django.contrib.sessions.backends.signed_cookies"
NOW = 1_760_000_000
LONG_AGO = NOW - 1_300_000
COUNT = 64

PLAIN = (
    "the quick brown fox jumps over lazy dog order shipping address customer please leave parcel behind green door "
    "thank you very much delivery between nine and noon gift wrap with blue ribbon note about invoice company account "
    "payment method card ending expires summer winter jacket leather boots cotton shirt size large medium small colour "
    "red black discount applied loyalty points balance review later wishlist compare recently viewed product category "
    "search filter price"
).split()
ACCENTED = "Ünïcode café naïve Zürich 東京 Москва señor Ελλάδα crème smørrebrød 北京 żółw".split()
HEX = "0123456789abcdef"
URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"


class Maker:
    """Draws from one stream of random numbers: the order of the draws is part of the data."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def text(self, alphabet, length):
        return "".join(self.random.choice(alphabet) for _ in range(length))

    def whole(self, low, high):
        return self.random.randint(low, high)

    def decimal(self, low, high, digits):
        return round(self.random.uniform(low, high), digits)

    def chance(self, probability):
        return self.random.random() < probability

    def login(self):
        return {
            "_auth_user_id": str(self.whole(1, 99999)),
            "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
            "_auth_user_hash": self.text(HEX, 64),
        }

    def item(self):
        return {
            "sku": self.text("ABCDXZ", 1) + self.text("KLMN", 1) + f"-{self.whole(0, 99999):05d}",
            "qty": self.whole(1, 9),
            "price": self.decimal(1, 300, 2),
            "name": self.random.choice(PLAIN) + " " + self.random.choice(ACCENTED),
            "gift": self.chance(0.3),
        }

    def cart(self):
        session = self.login()
        session["_session_expiry"] = 1209600
        session["cart"] = [self.item() for _ in range(4)]
        session["currency"] = self.random.choice(["EUR", "USD", "PLN"])
        session["coupon"] = None
        session["total"] = self.decimal(10, 900, 2)
        session["lang"] = self.random.choice(["pl", "de", "fr", "el"])
        session["flags"] = {"newsletter": self.chance(0.5), "ab": self.whole(0, 7)}
        session["last"] = [self.whole(1000, 99999) for _ in range(4)]
        return session

    def prose(self, length):
        text = ""
        while len(text) < length:
            words = ACCENTED if self.chance(0.04) else PLAIN
            text += (" " if text else "") + self.random.choice(words)
        return text

    def note(self):
        return {
            "id": self.text(URL_SAFE, 16),
            "t": NOW - self.whole(0, 10**7),
            "text": self.prose(self.whole(50, 130)),
        }

    def large(self, items, notes, tokens):
        session = self.cart()
        session["cart"] = [self.item() for _ in range(items)]
        session["notes"] = [self.note() for _ in range(notes)]
        session["tokens"] = {f"t{number}": self.text(URL_SAFE, 43) for number in range(tokens)}
        session["geo"] = [self.decimal(-180, 180, 6) for _ in range(6)]
        return session


CLASSES = {
    "S": Maker.login,
    "M": Maker.cart,
    "L": lambda maker: maker.large(items=10, notes=9, tokens=8),
    "XL": lambda maker: maker.large(items=18, notes=24, tokens=16),
}


def sign(session, key=KEYS[0], at=NOW):
    with mock.patch("time.time", return_value=at):
        return signing.dumps(session, key=key, salt=SALT, compress=True)


def forge(cookie):
    """The same cookie with another first character of its signature."""
    text, _, signature = cookie.rpartition(":")
    return text + ":" + ("C" if signature[0] == "B" else "B") + signature[1:]


def generate(count):
    for name, make in CLASSES.items():
        maker = Maker(f"generated-{name}")
        for _ in range(count):
            text = json.dumps(make(maker), separators=(",", ":"))
            print(name, len(zlib.compress(text.encode())), text)


def main(folder):
    def write(name, lines):
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    folder.mkdir(parents=True, exist_ok=True)
    write("keys.txt", KEYS)
    for name, make in CLASSES.items():
        maker = Maker(f"corpus-{name}")
        sessions = [make(maker) for _ in range(COUNT)]
        cookies = [sign(session) for session in sessions]
        write(f"{name}.jsonl", [json.dumps(session, separators=(",", ":")) for session in sessions])
        write(f"{name}.cookies", cookies)
        if name == "M":
            write("F.cookies", [forge(cookie) for cookie in cookies])
            write("X.cookies", [sign(session, at=LONG_AGO) for session in sessions])
            write("R.cookies", [sign(session, key=KEYS[2]) for session in sessions])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--generate"]:
        generate(int(sys.argv[2]))
    else:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)

"""Sessions whose cookies are nearly as long as a browser accepts. It runs where Django is installed.

    python near_limit.py SEED COUNT    prints COUNT sessions, signed by Django, as JSON, one a line

A line is {"json": text, "stream": the length of zlib's stream, "cookie": Django's value of 3,900 to 4,096 bytes}, signed
with the key of benches/data/make.py, whose Maker makes the sessions, at its NOW.
"""

import json
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "benches" / "data"))
from make import Maker, sign  # noqa: E402

SHORTEST, LONGEST = 3900, 4096


def grown(maker):
    """Returns a session between the classes L and XL, with notes until its cookie is long enough, and the cookie."""
    least = maker.whole(SHORTEST, LONGEST)
    session = maker.large(items=maker.whole(10, 18), notes=9, tokens=maker.whole(8, 16))
    while True:
        cookie = sign(session)
        if len(cookie) >= least:
            return session, cookie
        session["notes"].append(maker.note())


def generated(seed, number):
    # Each session has its own random source, so that it can be generated again without the ones before it.
    maker = Maker(f"near-limit/{seed}/{number}")
    session, cookie = grown(maker)
    while len(cookie) > LONGEST:
        session, cookie = grown(maker)
    text = json.dumps(session, separators=(",", ":"))
    return {"json": text, "stream": len(zlib.compress(text.encode())), "cookie": cookie}


if __name__ == "__main__":
    for number in range(int(sys.argv[2])):
        print(json.dumps(generated(sys.argv[1], number)))

"""Signs sessions and reads cookies as Django's signed_cookies engine does, at any given time. One JSON object per line:

{"json": text of a session, "secret", "at", "compress"}   answers the cookie's value
{"payload": text, "secret", "at"}                          the same for a payload that no Django writes
{"cookie": value, "secret", "at"}                          answers the session's JSON text, or null
"""

import json
import sys
from unittest import mock

from django.conf import settings

settings.configure()

from django.contrib.sessions.serializers import JSONSerializer  # noqa: E402
from django.core import signing  # noqa: E402

SALT = "django.contrib.sessions.backends.signed_cookies"


def answer(line):
    secret = line["secret"]
    if "json" in line:
        session = json.loads(line["json"])
        return signing.dumps(session, key=secret, salt=SALT, serializer=JSONSerializer, compress=line.get("compress", True))
    if "payload" in line:
        return signing.TimestampSigner(key=secret, salt=SALT).sign(line["payload"])
    try:
        session = signing.loads(line["cookie"], key=secret, salt=SALT, serializer=JSONSerializer, max_age=1209600)
    except signing.BadSignature:
        return None
    return json.dumps(session, separators=(",", ":"))


for line in map(json.loads, sys.stdin):
    with mock.patch("time.time", return_value=line["at"]):
        print(json.dumps(answer(line)))

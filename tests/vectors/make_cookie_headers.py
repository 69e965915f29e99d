"""Makes cookie-headers.jsonl and set-cookie-headers.jsonl beside this file: what Django reads and writes.

    python tests/vectors/make_cookie_headers.py

needs a Python that has Django 5.2.19; make_vectors.py leaves one under target/. Nothing is left to chance or to the
clock, so a second run writes the same files.

cookie-headers.jsonl, one request per line:

    header   the Cookie header. One character stands for one byte, as in a WSGI environment
    cookies  what request.COOKIES of a WSGIRequest has for it

set-cookie-headers.jsonl, one response per line:

    kind     "set" for set_cookie, "delete" for delete_cookie, "date" for http_date alone
    name, value, options
             the arguments; options has the keywords
    now      what time.time() says meanwhile
    header   the Set-Cookie header, or the date
"""

import io
import json
import random
from pathlib import Path
from unittest import mock

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.utils.http import http_date

HERE = Path(__file__).resolve().parent

HEADERS = [
    # Ordinary ones.
    "",
    "a=1",
    "sessionid=e30:1r31eq:4Zb-_x",
    "theme=dark; sessionid=e30:1r31eq:4Zb-_x; lang=de",
    "a=1;b=2;c=3",
    "a=1; a=2; a=3",
    "a=1; b=2; a=",
    # Separators and white space.
    ";",
    "=",
    "==",
    "= =",
    ";;;a=1;;;",
    " ; ; ",
    "  a  =  1  ;\tb\t=\t2\t",
    "a=1 ; b = 2;",
    "a b=1 2",
    "a\x0b=\x0c1\r",
    "\x1c\x1d\x1e\x1fa\x1f=\x1c1\x1d",
    "\x00a=1; a\x00=2; a=\x003",
    "\x7fa=1",
    "a=1\nb=2",
    # No "=", no name, no value.
    "a",
    "a; b; c",
    "a; =b; c=",
    "=a",
    "=a=b",
    "a=b=c",
    "a==",
    "a=; b",
    "a=1, b=2",
    "A=1; a=2; \u00e1=3",
    "$Version=1; a=1; $Path=/",
    # Quotes.
    '"',
    '""',
    'a="',
    'a=""',
    'a="""',
    'a=""""',
    'a="1',
    'a=1"',
    'a="1"',
    'a="1" ',
    'a= "1" x',
    'a="1;2"',
    'a="1; b=2"',
    '"a"=1',
    '"a=1"',
    "a='1'",
    'a=" 1 "',
    'a="\t"',
    # Escapes.
    r'a="\""',
    r'a="\\"',
    r'a="\"',
    r'a="\\\"',
    r'a="\\\\"',
    r'a="\054\073"',
    r'a="\000\001\377"',
    r'a="\400\777\389\08"',
    r'a="\1"',
    r'a="\12"',
    r'a="\012"',
    r'a="\0123"',
    r'a="\12\012\a\b\""',
    r'a="\\012"',
    r'a="\\\012"',
    r'a="\12\"',
    r'a="x\054"; b="\"y\""',
    r'a=\054',
    r'a=\"1\"',
    r'a="\303\251"',
    'a="\\\n"',
    'a="\\\n\\012"',
    'a="\\\r\\012"',
    'a="\\ \\\t"',
    'a="b"c"d"',
    # Bytes over 0x7f: good UTF-8 first.
    "a=\u00c3\u00a9",
    'a="\u00c3\u00a9\\\u00c3\u00a9"',
    "\u00c3\u00a9=1",
    "a=\u00f0\u009f\u008d\u00aa",
    "a=\u00e9",
    "\u00e9=1; a=2",
    "a=\u00c3",
    "a=\u00c3; b=\u00a9",
    "a=\u00f0\u009f\u008d; b=1",
    "a=\u00ed\u00a0\u0080",
    "a=\u00ff\u00fe",
    'a="\\\u00ff"',
    'a="\\\u00f0\u009f\\012"',
    # White space beyond ASCII: U+0085, U+00A0, U+2003, U+3000, and no white space, U+200B.
    "\u00c2\u0085a\u00c2\u00a0=\u00e2\u0080\u00831\u00e3\u0080\u0080",
    "a=\u00e2\u0080\u008b1",
    "a=\u00a01\u00a0",
    "\u00c2\u00a0=\u00c2\u00a0",
    # Long ones.
    "; ".join(f"a{at % 7}={at}" for at in range(100)),
    "a=" + "x" * 5000,
    'a="' + r"\"" * 500 + '"',
    "a" * 300 + "=1",
]

PIECES = (
    ["a", "b", "ab", "a", "b", "=", "=", "=", ";", ";", "; ", '"', '"', '"', "\\", "\\", " ", "\t", "1", "12"]
    + ["\\054", "\\303", "\\4", "\\08", '\\"', "\\\\", "\n", ",", "\u00c3\u00a9", "\u00c3", "\u00ff", "\u00c2\u00a0"]
    + ["a=", "b=", 'a="', '";', "\x1f", "\x00"]
)


def random_headers(count):
    chance = random.Random(5219)
    for _ in range(count):
        yield "".join(chance.choices(PIECES, k=chance.randint(1, 24)))


def cookies(header):
    environ = {"REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO(), "HTTP_COOKIE": header}
    return WSGIRequest(environ).COOKIES


SAME_SITE = [None, "Lax", "Strict", "None"]


def responses():
    value = "e30:1r31eq:4Zb-_x.y"
    now = 1_700_000_000
    for name in ["sessionid", "__Secure-id", "__Host-id", "!#$%&'*+-.^_`|~0aZ"]:
        for samesite in SAME_SITE:
            yield "delete", name, "", {"samesite": samesite}, now
            for secure, httponly in [(True, True), (True, False)]:
                options = {"secure": secure, "httponly": httponly, "samesite": samesite}
                yield "set", name, value, options, now
    for samesite in [None, "Lax", "Strict"]:
        for httponly in [True, False]:
            yield "set", "sessionid", value, {"httponly": httponly, "samesite": samesite}, now
    for path in ["/", "/a", "/a/b c/", "/=?,&\"'"]:
        for domain in [None, "example.com", ".example.com", "a-1.B.example"]:
            options = {"path": path, "domain": domain}
            yield "set", "sessionid", value, options, now
            yield "delete", "sessionid", "", options, now
    for max_age in [0, 1, -1, 300, 1_209_600, 34_560_000, 253_402_300_799 - now]:
        yield "set", "sessionid", value, {"max_age": max_age}, now
        yield "set", "sessionid", value, {"max_age": max_age}, 0
    # Every character that a value may have. Django quotes some of them, and readers remove the quotes.
    octets = [chr(byte) for byte in range(0x21, 0x7F) if chr(byte) not in '",;\\']
    yield "set", "sessionid", "", {}, now
    yield "set", "sessionid", "".join(octets), {}, now
    for octet in octets:
        yield "set", "sessionid", octet, {}, now
    chance = random.Random(9110)
    instants = [0, 0.999, 1, -1, -0.5, 951_782_400, 951_868_799, 951_868_800, 4_107_542_400, 253_402_300_799]
    instants += [-11_644_473_600]
    instants += [chance.randrange(-11_644_473_600, 253_402_300_800) for _ in range(100)]
    for instant in instants:
        yield "date", "", "", {}, instant


def header(kind, name, value, options, now):
    if kind == "date":
        return http_date(now)
    response = HttpResponse()
    with mock.patch("time.time", lambda: now):
        if kind == "set":
            response.set_cookie(name, value, **options)
        else:
            response.delete_cookie(name, **options)
    return response.cookies[name].OutputString()


def write(name, rows):
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (HERE / name).write_text(text, encoding="ascii")


def main():
    assert django.__version__ == "5.2.19", django.__version__
    settings.configure()
    requests = [*HEADERS, *random_headers(300)]
    write("cookie-headers.jsonl", ({"header": text, "cookies": cookies(text)} for text in requests))
    names = ["kind", "name", "value", "options", "now"]
    write("set-cookie-headers.jsonl", ({**dict(zip(names, row)), "header": header(*row)} for row in responses()))


if __name__ == "__main__":
    main()

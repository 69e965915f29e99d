#!/usr/bin/env python3
"""Writes cases.json: texts that people paste, and their kinds. The tests of the program and of the page read it.

    python examples/inspect/tests/make_cases.py

Needs Django and itsdangerous, which make their own samples here. Samples of other languages are kept below, with the
version that made them. Those marked "form" were put together after the format's description.
"""

import base64
import importlib.metadata
import json
import pathlib
import sys
from http.cookies import SimpleCookie
from unittest import mock

import django
import itsdangerous
from django.conf import settings

KEY = "k1-7d$u!m3o0q2z@8r#xw5v+e9t&y1a4s6-0123456789-abcdef"
NOW = 1_700_000_000
settings.configure(SECRET_KEY=KEY, INSTALLED_APPS=["django.contrib.messages"], USE_TZ=True)
django.setup()

from django.contrib.messages import constants  # noqa: E402
from django.contrib.messages.storage.base import Message  # noqa: E402
from django.contrib.messages.storage.cookie import CookieStorage  # noqa: E402
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore as DbStore  # noqa: E402
from django.contrib.sessions.backends.signed_cookies import SessionStore  # noqa: E402
from django.core import signing  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.middleware.csrf import _get_new_csrf_string, _mask_cipher_secret  # noqa: E402
from django.test import RequestFactory  # noqa: E402

SESSION = {"_auth_user_id": "4711", "_auth_user_backend": "django.contrib.auth.backends.ModelBackend", "name": "Zoë"}
cases = []


def case(id_, paste, kind, by=None, met=False, **expected):
    cases.append({"id": id_, "paste": paste, "kind": kind, **expected, **({"by": by} if by else {}), **({"met": True} if met else {})})


with mock.patch("time.time", lambda: NOW):
    store = SessionStore()
    store.update(SESSION)
    good = store._get_session_key()
    plain = signing.dumps({"cart": [7]}, salt="django.contrib.sessions.backends.signed_cookies")
    plain_login = signing.dumps(SESSION, salt="django.contrib.sessions.backends.signed_cookies")
    record = DbStore().encode(SESSION)
    dumps = signing.dumps({"a": 1})
    dumps_text = signing.dumps("user@example.com")
    stamped = signing.TimestampSigner().sign("hello")
    signer = signing.Signer().sign("hello")
    response = HttpResponse()
    response.set_signed_cookie("theme", "dark blue", salt="")
    signed_cookie = response.cookies["theme"].value
    deleting = HttpResponse()
    deleting.delete_cookie("sessionid")
    deleting = deleting.cookies.output()
    legacy_cookie = signing.get_cookie_signer(salt="theme").sign("dark")
    storage = CookieStorage(RequestFactory().get("/"))
    messages = storage._encode([Message(constants.INFO, "Saved."), Message(constants.ERROR, "Not <b>sent</b>.")])
    pickled = signing.TimestampSigner(salt="django.contrib.sessions.backends.signed_cookies").sign(
        base64.urlsafe_b64encode(b"\x80\x04\x95\n\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94K\x01s.").decode().rstrip("=")
    )
    flask_payload = itsdangerous.URLSafeTimedSerializer("dev", salt="cookie-session")
    flask = flask_payload.dumps({"user": 7})
    flask_compressed = flask_payload.dumps({"cart": ["naïve lamp"] * 12, "user": 7})
    starlette = itsdangerous.TimestampSigner("sec").sign(base64.b64encode(b'{"user": 7}')).decode()

settings.SECRET_KEY = "a-key-of-another-site-0123456789-abcdefghijklmnopqrst"
with mock.patch("time.time", lambda: NOW):
    strange = signing.dumps(SESSION, salt="django.contrib.sessions.backends.signed_cookies", compress=True)
settings.SECRET_KEY = KEY
payload, stamp, signature = good.split(":")
quoted = good.replace(":", "%3A")


def form(id_, paste, **expected):
    """A good session in something else."""
    case(id_, paste, "session", value=good, **expected)


# ---- A good cookie in headers, commands and other text
form("good", good, met=True)
form("header", f"Cookie: csrftoken=abc; sessionid={good}; theme=dark", met=True, name="sessionid")
form("header_lower", f"cookie: sessionid={good}", met=True, name="sessionid")
form("name_value", f"sessionid={good}", name="sessionid")
form("name_value_semicolon", f"sessionid={good};", met=True, name="sessionid")
form("name_value_quoted", f'sessionid="{good}"', name="sessionid")
form("name_value_blanks", f"sessionid = {good}", name="sessionid")
form(
    "set_cookie",
    f"Set-Cookie: sessionid={good}; expires=Thu, 10 Dec 2026 14:00:00 GMT; HttpOnly; Max-Age=1209600; Path=/; SameSite=Lax",
    met=True,
    name="sessionid",
)
form("set_cookie_lower", f"set-cookie: sessionid={good}; Path=/", name="sessionid")
form("quoted", f'"{good}"', met=True)
form("quoted_single", f"'{good}'")
form("quoted_back", f"`{good}`")
form("json_quoted", f'"sessionid": "{good}"', met=True, name="sessionid")
form("json_object", json.dumps({"csrftoken": "abc", "sessionid": good}, separators=(",", ":")), name="sessionid")
form("python_dict", repr({"csrftoken": "abc", "sessionid": good}), name="sessionid")
form("yaml", f"sessionid: {good}", name="sessionid")
form("url_quoted", quoted, met=True)
form("url_quoted_named", f"sessionid={quoted}", name="sessionid")
form("url_quoted_lower", good.replace(":", "%3a"))
form("url_query", f"https://example.com/debug?sessionid={quoted}&next=%2F", name="sessionid")
form("json_escaped", json.dumps({"sessionid": good}).replace(":", "\\u003a"), name="sessionid")
form("html", f"<code>sessionid=&quot;{good}&quot;</code>", name="sessionid")
form("curl", f"curl -b 'sessionid={good}' http://x", met=True, name="sessionid")
form("curl_header", f"curl 'http://x/' \\\n  -H 'accept: */*' \\\n  -H 'Cookie: csrftoken=abc; sessionid={good}' \\\n  --compressed", name="sessionid")
form("curl_windows", f'curl ^"http://x/^" ^\n  -b ^"csrftoken=abc; sessionid={good.replace(":", "^%^3A")}^"', name="sessionid")
form("curl_jar", f"#HttpOnly_localhost\tFALSE\t/\tTRUE\t1795704000\tsessionid\t{good}", name="sessionid")
form("httpie", f"http example.com Cookie:sessionid={good}", name="sessionid")
form("wget", f'wget --header="Cookie: sessionid={good}" http://x', name="sessionid")
form(
    "request",
    f"GET / HTTP/1.1\r\nHost: example.com\r\nCookie: sessionid=old; sessionid={good}\r\nUser-Agent: x\r\n\r\n",
    name="sessionid",
)
form("fetch", json.dumps({"headers": {"accept": "*/*", "cookie": f"csrftoken=abc; sessionid={good}"}}), name="sessionid")
form("powershell", f'$session.Cookies.Add((New-Object System.Net.Cookie("sessionid", "{good}", "/", "x")))')
form("document_cookie", f'document.cookie = "sessionid={good}; path=/"', name="sessionid")
form("har", json.dumps({"cookies": [{"name": "sessionid", "value": good, "path": "/", "httpOnly": True}]}, indent=2), name="sessionid")
form("export", json.dumps([{"domain": "x", "expirationDate": 1795704000.5, "name": "sessionid", "value": good}]), name="sessionid")
form(
    "devtools_table",
    f"csrftoken\tabc\texample.com\t/\t2027-11-26T14:00:00.000Z\t12\nsessionid\t{good}\texample.com\t/\t2026-12-10T14:00:00.000Z\t{len(good)}\t✓\t\tLax",
    name="sessionid",
)
form("devtools_column", f"sessionid\n{good}\nexample.com\n/")
form("django_test_client", SimpleCookie({"sessionid": good}).output(), name="sessionid", by="Python's http.cookies")
form("requests_jar", f"<RequestsCookieJar[<Cookie sessionid={good} for localhost.local/>]>", name="sessionid")
form("log_line", f'2026-11-26 14:00:00 INFO cookies={{"sessionid": "{good}"}} status=200', name="sessionid")
form("environment", f"export COOKIE='{good}'")
form("markdown", f"| cookie | value |\n|---|---|\n| sessionid | `{good}` |")
form("wrapped", good[:60] + "\n" + good[60:], met=True)
form("wrapped_windows", good[:60] + "\r\n" + good[60:])
form("wrapped_thrice", "\n".join([good[:40], good[40:80], good[80:]]))
form("wrapped_signature", good[:-20] + "\n" + good[-20:])
form("wrapped_named", f"sessionid={good[:60]}\n{good[60:]}", name="sessionid")
form("wrapped_header", f"Cookie: csrftoken=abc; sessionid={good[:40]}\n    {good[40:]}\nUser-Agent: x", name="sessionid")
form("wrapped_shell", f"sessionid={good[:60]}\\\n{good[60:]}", name="sessionid")
form("wrapped_quoted_url", quoted[:60] + "\n" + quoted[60:])
form("mail_quoted", f"> sessionid={good[:60]}\n> {good[60:]}", name="sessionid")
form("mail_printable", f"The cookie is sessionid=3D{good[:50]}=\n{good[50:]}", name="sessionid")
form("broken_by_blank", good[:60] + " " + good[60:])
form("spaces", f"  {good}  ", met=True)
form("newlines", f"\n\n{good}\n\n")
form("bom", f"\ufeff{good}")
form("other_name", f"mysite_session={good}", name="mysite_session")
form("host_name", f"__Host-sessionid={good}; theme=dark", name="__Host-sessionid")
form("sentence", f"I get a 500 with this cookie: {good}, why?")
form("sentence_end", f"The cookie was {good}.")
form("parentheses", f"(sessionid={good})", name="sessionid")
form("quoted_typographically", f"“{good}”")
form("soft_hyphens", good[:30] + "\u00ad" + good[30:60] + "\u200b" + good[60:])
form("url_quoted_twice", quoted.replace("%", "%25"))
form("wsgi", repr({"HTTP_HOST": "x", "HTTP_COOKIE": f"csrftoken=abc; sessionid={good}"}), name="sessionid")
form("cgi", f"HTTP_COOKIE=sessionid={good}", name="sessionid")
form("curl_option", f"curl --cookie=sessionid={good} x", name="sessionid")
form("xml", f'<cookie name="sessionid" value="{good}"/>', name="sessionid")
form("firefox_storage", f'sessionid:"{good}"\nCreated:"Thu, 26 Nov 2026 14:00:00 GMT"\nDomain:"localhost"\nHostOnly:true\nSize:{len(good)}', name="sessionid")
form("request_table", f"Cookie\tcsrftoken=abc; sessionid={good}", name="sessionid")
form("nested_json", json.dumps({"log": json.dumps({"cookies": {"sessionid": good}})}), name="sessionid")
form("csv", f"2026-11-26,sessionid,{good},200")
form("beside_messages", f"Cookie: messages={messages}; sessionid={good}", name="sessionid")
case("uncompressed", f"Cookie: sessionid={plain}", "session", name="sessionid", value=plain)
case("stranger", strange, "session", value=strange)
case("two_of_a_name", f"sessionid={plain}; sessionid={good}", "session", name="sessionid", value=good)

# ---- A cookie that was damaged
case("cut", good[:-1], "cut", met=True)
case("cut_more", good[:-15], "cut")
case("cut_named", f"sessionid={good[:-4]}", "cut", name="sessionid")
case("overlong", good + "x2", "overlong")
case("overlong_padded", good + "==", "overlong")
case("overlong_padded_named", f"sessionid={good}==", "overlong", name="sessionid")
case("cut_padded", good[:-1] + "=", "cut")
case("upper", good.upper(), "case", met=True)
case("lower", good.lower(), "case")
case("beginning_missing", good[12:], "unreadable")

case("payload_alone", payload, "payload")
case("payload_alone_named", f"sessionid={plain_login.split(':')[0]}", "payload", name="sessionid")
case("payload_missing", f"{stamp}:{signature}", "tail")
case("stamp_missing", f"{payload}:{signature}", "signer-text")

# ---- Django's other texts
django_version = f"Django {django.__version__}"
case("dumps_other_salt", dumps, "session", by=django_version, met=True, proven="signed-json", salt="django.core.signing")
case("dumps_text", dumps_text, "signed-json", by=django_version, salt="django.core.signing")
case("timestampsigner", stamped, "signed-text", by=django_version, met=True, salt="django.core.signing.TimestampSigner")
case("signer", signer, "signer-text", by=django_version, met=True, salt="django.core.signing.Signer")
case("signed_cookie", signed_cookie, "signed-text", by=django_version, met=True)
case(
    "signed_cookie_named",
    f'theme="{signed_cookie}"',
    "signed-text",
    by=django_version,
    proven="signed-cookie",
    salt="django.http.cookies.v2:0:theme",
    name="theme",
)
case("signed_cookie_legacy", f"theme={legacy_cookie}", "signed-text", by=django_version, proven="signed-cookie", salt="theme", name="theme")
case("messages", f"messages={messages}", "messages", by=django_version, salt="django.contrib.messages", name="messages")
case("messages_value", messages, "messages", by=django_version, salt="django.contrib.messages")
case("db_session_data", record, "session", by=django_version, met=True, proven="record", salt="django.contrib.sessions.SessionStore")
case("db_row", f"1|k3v0n1c4mn0r1sg4h2w0lf4p1b0p7v9q|{record}|2026-12-10 14:00:00".replace("|", "\t"), "session", proven="record", salt="django.contrib.sessions.SessionStore")
case("db_row_sqlite", f"k3v0n1c4mn0r1sg4h2w0lf4p1b0p7v9q|{record}|2026-12-10 14:00:00", "session", proven="record", salt="django.contrib.sessions.SessionStore")
case("db_row_psql", f" k3v0n1c4mn0r1sg4h2w0lf4p1b0p7v9q | {record} | 2026-12-10 14:00:00+00", "session", proven="record", salt="django.contrib.sessions.SessionStore")
case("db_row_sql", f"INSERT INTO django_session VALUES('k3v0n1c4mn0r1sg4h2w0lf4p1b0p7v9q','{record}','2026-12-10 14:00:00');", "session", proven="record", salt="django.contrib.sessions.SessionStore")
case("cache_entry", '"\\x80\\x05\\x95\\x16\\x00\\x00\\x00\\x00\\x00\\x00\\x00}\\x94\\x8c\\rauth_user_id\\x94K\\as."', "cache-pickle", by="form")
case("cache_key", "django.contrib.sessions.cachek3v0n1c4mn0r1sg4h2w0lf4p1b0p7v9q", "session-key")
case("pickle", pickled, "pickle", by="form")
case("db_session_key", "k3v0n1c4mn0r1sg4h2w0lf4p1b0p7v9q", "session-key", met=True)
case("db_session_key_named", "Cookie: csrftoken=abc; sessionid=k3v0n1c4mn0r1sg4h2w0lf4p1b0p7v9q", "session-key", name="sessionid")
case("db_session_key_quoted", '"sessionid": "k3v0n1c4mn0r1sg4h2w0lf4p1b0p7v9q"', "session-key", name="sessionid")
csrf = _get_new_csrf_string()
case("csrftoken", csrf, "csrf", by=django_version, met=True)
case("deleted", deleting, "deleted", by=django_version, name="sessionid")
case("deleted_unquoted", "sessionid=; Max-Age=0; Path=/", "deleted", name="sessionid")
case("deleted_other", 'set-cookie: mysite_session=""; Path=/; Max-Age=0', "deleted", name="mysite_session")
case("deleted_sent", f"Cookie: csrftoken={csrf}; sessionid=", "deleted", name="sessionid")
case("csrftoken_named", f"csrftoken={csrf}", "csrf", by=django_version, name="csrftoken")
case("csrf_masked", _mask_cipher_secret(csrf), "csrf", by=django_version)
old = base64.b64encode(b"4588fbbabe2a40d17aa554a706de5cd265bf4e1c" + b':{"_auth_user_id":"7"}').decode()
case("old_session_data", old, "old-record", by="form")
case("secret_key", "django-insecure-0123456789abcdefghijklmnopqrst", "secret-key")
case("secret_key_assigned", "SECRET_KEY = 'django-insecure-0123456789abcdefghijklmnopqrst'", "secret-key", name="SECRET_KEY")
case("password_hash", make_password("x"), "password-hash", by=django_version)

# ---- Others'
itsdangerous_version = f"itsdangerous {importlib.metadata.version('itsdangerous')}, with Flask's settings"
case("flask", flask, "itsdangerous", by=itsdangerous_version, met=True)
case("flask_compressed", flask_compressed, "itsdangerous", by=itsdangerous_version, met=True)
case("flask_named", f"Cookie: session={flask}", "itsdangerous", by=itsdangerous_version, name="session")
case("itsdangerous_text", itsdangerous.URLSafeTimedSerializer("x").dumps("user@example.com"), "itsdangerous", by=itsdangerous_version)
case("itsdangerous_untimed", itsdangerous.URLSafeSerializer("x").dumps({"user": 7}), "itsdangerous", by=itsdangerous_version)
case("starlette", starlette, "starlette", by=itsdangerous_version.replace("Flask", "Starlette"))
case("jwt", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwiaWF0IjoxNzAwMDAwMDAwfQ.7CpDUn_1ygWPAX6ZPwTjXTR01Vm8r2S6ETGowHcQCDw", "jwt", by="jose 6.2.18", met=True)
case("jwt_bearer", "Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwiaWF0IjoxNzAwMDAwMDAwfQ.O9-y16MigWdkmEUYpOJ9tsr_0EIt86-IzT7HXqgqCBc", "jwt", by="PyJWT 2.15.1")
case("jwe", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..Px10L-22rNrRXHZm.Y5xb2ersvNKXDas.f2Z5j6gp7OX0qzyA1tLvag", "jwe", by="jose 6.2.18")
rails = "Active Support 6.1.7.10"
case("rails_signed", "eyJfcmFpbHMiOnsibWVzc2FnZSI6ImV5SjFjMlZ5SWpvM2ZRPT0iLCJleHAiOm51bGwsInB1ciI6ImNvb2tpZS51c2VyIn19--f70f32a213ac5b66f9254dc57148500d73b00821", "rails-signed", by=rails, met=True)
case("rails_signed_sha256", "eyJfcmFpbHMiOnsibWVzc2FnZSI6IklqY2kiLCJleHAiOm51bGwsInB1ciI6ImNvb2tpZS51c2VyX2lkIn19--29c4c1e5efa9c291996e4f21f5790beb8012f51ac429805aa26d933e3c2d6815", "rails-signed", by=rails)
case("rails_encrypted", "_app_session=XXXwzDJpVHoMiRQoRYOuCgJPksiNHQ6wCsMVKrPKtLbzyTSe97aFgOPJIeMN9ghJBKx5P%2FiNCKf%2BGMfEFEiCtH9YUHnQREWp4ZdxYQmU94Db0THGLcZvRUizKxBDmwKglPJ9KxpVAjU%3D--okSInMu5Alcdf4eZ--CgWLXeBTDgZ2JWCXQlYsiw%3D%3D", "rails-encrypted", by=rails, met=True, name="_app_session")
case("rack", "rack.session=BAh7B0kiD3Nlc3Npb25faWQGOgZFVG86HVJhY2s6OlNlc3Npb246OlNlc3Npb25JZAY6D0BwdWJsaWNfaWRJIkVmNGIyZmVlMDk0MzY5ZDY0MmIwYjQ4NDUxYWE0MDBmOTJiYjk2YjJkNzk4YjQ5ZTc1MWZiMDgzZjU3MzgzOWFjBjsARkkiCXVzZXIGOwBUaQw%3D--71a90aa6ef9d92524a0151407cc1932e4b952a01; path=/; HttpOnly", "rack", by="Rack 2.2.22", name="rack.session")
case("express", "s%3ARx4nIXNkFjVhj-rmceC1bfDcM7tw2LBX.acbUVTwqlTKZDN6kTOffVw366dsciM%2FVhbeE%2FY4g5MM", "express", by="express-session 1.19.0", met=True)
case("express_named", "connect.sid=s%3ARx4nIXNkFjVhj-rmceC1bfDcM7tw2LBX.acbUVTwqlTKZDN6kTOffVw366dsciM%2FVhbeE%2FY4g5MM; Path=/; HttpOnly", "express", by="express-session 1.19.0", name="connect.sid")
case("cookie_parser", "theme=s%3Adark.VB0wtLnqbJehff%2BTYmtdSu0HZTTB5XoL71tkzaY2Khs; Path=/", "express", by="cookie-parser 1.4.7", name="theme")
case("cookie_session", "session=eyJ1c2VyIjo3fQ==; path=/; httponly", "base64-json", by="cookie-session 2.1.1", name="session")
case("iron", "Fe26.2*1*328dd01b704e0e5a83b581c14426d091ee4c8f873d68c29d2a639c13e984df71*wvJmlxJ25ghVU48fUSFdQw*sCzi5aAAG0anqUUEYuTkIA*1796949651865*832f3141c7bf96bbc84f0319bd8dc1325d2e3d63b1405ed9f2c944be1e10d5ed*wOzNH3RVVDt4g_Uw7YvxW7md8_RfQcnaLswSezwiSf4~2", "iron", by="iron-session 8.0.4")
laravel = {"iv": "3JjJ5cYb6jTqk1bVbq2xVg==", "value": "cD0pYQ0pKx2cZ6oJY1b2Mw==", "mac": "0123456789abcdef" * 4, "tag": ""}
case("laravel", base64.b64encode(json.dumps(laravel, separators=(",", ":")).encode()).decode().replace("=", "%3D"), "laravel", by="form", met=True)
case("laravel_named", "laravel_session=" + base64.b64encode(json.dumps(laravel).encode()).decode().replace("=", "%3D"), "laravel", by="form", name="laravel_session")
case("phpsessid", "PHPSESSID=ktm277m7cqveif9i5c5imvc8fe", "php", by="PHP 8.2.36", met=True, name="PHPSESSID")
case("phpsessid_value", "ktm277m7cqveif9i5c5imvc8fe", "php-like", by="PHP 8.2.36")
case("java", "Set-Cookie: JSESSIONID=4C9A8E0D3B1F2A6E7D5C4B3A29180716; Path=/; HttpOnly", "java", by="form", name="JSESSIONID")
case("play", "0123456789abcdef0123456789abcdef01234567-user=7", "play", by="form", met=True)
case("tornado", 'user="2|1:0|10:1795740052|4:user|4:Nw==|d5332492f5660f3ae14447e7e2525fc7078b472d11c151ee1717b12de39d1ff8"', "tornado", by="Tornado 6.6.1", name="user")
case("fernet", "gAAAAABrCNGUpox1jd0nfS_RW3_yzppjNMBs2w-Kk0w2mtOo9S_eVE56t2gBKydrJhbx6WzBYBb0qkH-wmSDYQ-KPOeq497SBg==", "fernet", by="cryptography 50.0.2")
case("paseto", "v4.local.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "paseto", by="form")
case("asp_net_core", ".AspNetCore.Session=CfDJ8Nb7Jc0zE0cH1qzJ5b6v2pGmB1o3cI4kYyFvx8pOoyrLm", "asp-net-core", by="form", name=".AspNetCore.Session")
case("asp_net", "ASP.NET_SessionId=2vkbyq45rjlqgv55xvm0cr45", "asp-net", by="form", name="ASP.NET_SessionId")
gorilla = base64.urlsafe_b64encode(b"1700000000|ZGF0YS1vZi1nb3JpbGxh|" + bytes(range(32))).decode()
case("gorilla", gorilla, "gorilla", by="form")
case("react_router", "__session=eyJ1c2VyIjo3LCJuYW1lIjoiWm%2FDqyJ9.xGr%2FqlOSQBaa1ohx4S%2B036NHirzxLm6mbXfEfpvXFOA; Path=/; SameSite=Lax", "react-router", by="React Router 7.18.6", name="__session")
case("phoenix", "_app_key=SFMyNTY.g3QAAAABbQAAAAdfY3NyZl90.Y2hlY2tlZC1ub3doZXJl", "phoenix", by="form", name="_app_key")
case("wordpress", "wordpress_logged_in_0f5d=admin%7C1795740052%7Cabc%7Cdef", "wordpress", by="form", name="wordpress_logged_in_0f5d")
case("random", "session=Xq0Zk3v_Qm1nB7yTt5cLrA", "random", by="form", name="session")
case("uuid", "0b1e7a52-3f0e-4c3f-9a50-6d0f0f3e2a11", "uuid")
case("hex", "9f86d081884c7d659a2feaa0c55ad015", "hex")
case("json", '{"user": 7}', "json")
case("analytics", "_ga=GA1.1.1234567890.1700000000", "analytics", name="_ga")
case("xsrf", "XSRF-TOKEN=abcdefgh", "csrf-other", name="XSRF-TOKEN")

# ---- Nothing
case("empty", "", None, met=True)
case("blanks", " \n ", None)
case("garbage", "garbage", None)
case("word_and_colons", "a:b:c", None)
case("url", "https://example.com/accounts/login/?next=/", None)
case("number", "1700000000", None)
case("prose", "The session does not work: what can I do?", None)
case("header_alone", "Cookie:", None)
case("binary", "\x00\x01\x7f\ufffd", None)

file = pathlib.Path(__file__).with_name("cases.json")
head = {"key": KEY, "now": NOW, "session": SESSION, "cases": None}
lines = ",\n".join(json.dumps(each, ensure_ascii=True) for each in cases)
file.write_text(json.dumps(head, ensure_ascii=True)[: -len("null}")] + "[\n" + lines + "\n]}\n")
print(len(cases), "cases,", sum("met" in each for each in cases), "of them met first", file=sys.stderr)

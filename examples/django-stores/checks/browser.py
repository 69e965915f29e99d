"""A browser: it keeps cookies for both services, as they have one host name."""

import http.client
import json
import re
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit


class Response:
    def __init__(self, answer):
        self.status = answer.status
        self.body = answer.read()
        self.vary = [name.strip().lower() for name in (answer.headers.get("Vary") or "").split(",")]
        self.cookies = {}
        for header in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel

    def json(self):
        assert self.status == 200, f"status {self.status}"
        return json.loads(self.body)

    @property
    def user(self):
        return self.json()["user"]

    @property
    def session(self):
        return self.json()["session"]

    def cookie(self):
        """The header for the session's cookie, or None."""
        return self.cookies.get("sessionid")


class Browser:
    # The values of all session cookies, ever.
    seen = set()

    def __init__(self, key=None):
        self.cookies = {} if key is None else {"sessionid": key}

    @property
    def key(self):
        return self.cookies.get("sessionid")

    def copy(self):
        """The same cookies in another browser, which does not notice when they end."""
        other = Browser()
        other.cookies = dict(self.cookies)
        return other

    def get(self, service, path="/"):
        return self._send("GET", service, path, None, {})

    def post(self, service, path, body=""):
        return self._send("POST", service, path, body.encode(), {"Content-Type": "text/plain"})

    def set(self, service, **values):
        response = self.post(service, "/set", json.dumps(values))
        assert response.status == 200, f"status {response.status} for /set"
        return response

    def form(self, service, path, **fields):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", service, path, urlencode(fields).encode(), headers)

    def _send(self, method, service, path, body, headers):
        connection = http.client.HTTPConnection(urlsplit(service).netloc, timeout=60)
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, body, headers)
        response = Response(connection.getresponse())
        connection.close()
        for name, morsel in response.cookies.items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
                if name == "sessionid":
                    Browser.seen.add(morsel.value)
        return response

    # What a person does.

    def sign_in_at_django(self, django, password):
        """By the form of Django's admin."""
        page = self.get(django, "/admin/login/").body.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        return self.form(
            django,
            "/admin/login/?next=/admin/",
            csrfmiddlewaretoken=token[1],
            username="admiral",
            password=password,
        )

    def sign_out_at_django(self, django):
        """By the button in Django's admin."""
        self.get(django, "/admin/")
        return self.form(django, "/admin/logout/", csrfmiddlewaretoken=self.cookies["csrftoken"])

    def sign_in_at_rust(self, rust, password):
        return self.form(rust, "/sign-in", username="admiral", password=password)

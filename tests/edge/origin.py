"""A Django site in one file, behind the gate: its sessions are in signed cookies, its secrets in the environment.

Prints its address when it is ready. It identifies the user only by the gate's header; what it finds in the session it
tells for comparison.
"""

import json
import os

from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ["SECRET_KEY"],
    SECRET_KEY_FALLBACKS=os.environ.get("SECRET_KEY_FALLBACKS", "").split(),
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
)

from wsgiref.simple_server import WSGIRequestHandler, make_server  # noqa: E402

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpResponse, JsonResponse  # noqa: E402
from django.urls import path, re_path  # noqa: E402


def login(request):
    request.session["_auth_user_id"] = request.GET["user"]
    request.session["name"] = "Zoë 🍪"
    if "expiry" in request.GET:
        request.session["_session_expiry"] = json.loads(request.GET["expiry"])
    return HttpResponse("in")


def save(request):
    request.session["saved"] = True
    return HttpResponse("saved")


def shared(request):
    return HttpResponse("for all", headers={"Cache-Control": "public, max-age=60"})


def echo(request):
    headers = {name: value for name, value in request.META.items() if "SESSION_USER" in name or "FORWARDED" in name}
    body = request.body.decode()
    answer = {"method": request.method, "path": request.get_full_path(), "headers": headers, "body": body}
    return JsonResponse({**answer, "session": dict(request.session)}, status=int(request.GET.get("status", 200)))


urlpatterns = [path("login", login), path("save", save), path("shared", shared), re_path("", echo)]


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


server = make_server("127.0.0.1", int(os.environ.get("PORT", 0)), get_wsgi_application(), handler_class=Quiet)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()

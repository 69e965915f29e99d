"""The pages of src/server.rs in Django: `service.py ENGINE`. Prints its port, and ends when its standard input does."""

import logging
import os
import sys
import threading
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

ENGINES = {"postgres": "db", "redis": "cache", "cached_db": "cached_db"}
POSTGRES = urlsplit(os.environ["HARDTACK_POSTGRES"])

settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.sessions"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.contrib.sessions.middleware.SessionMiddleware"],
    SESSION_ENGINE=f"django.contrib.sessions.backends.{ENGINES[sys.argv[1]]}",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": POSTGRES.path.strip("/"),
            "USER": POSTGRES.username,
            "HOST": POSTGRES.hostname,
            "PORT": POSTGRES.port,
            "CONN_MAX_AGE": None,
        }
    },
    CACHES={
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": os.environ["HARDTACK_REDIS"],
        }
    },
    LOGGING_CONFIG=None,
)
logging.disable()


def read(request):
    return HttpResponse(request.session.get("_auth_user_id", "anonymous"))


def write(request, pause=0):
    session = request.session
    visits = session.get("visits", 0) + 1
    time.sleep(pause / 1000)
    session["visits"] = visits
    return HttpResponse(f"{session.get('_auth_user_id', 'anonymous')} {visits}")


def sign_in(request, user):
    """Does the same as django.contrib.auth.login."""
    request.session.cycle_key()
    request.session["_auth_user_id"] = user
    request.session["_auth_user_backend"] = "backend"
    request.session["_auth_user_hash"] = "hash"
    return HttpResponse(user)


def sign_out(request):
    request.session.flush()
    return HttpResponse("anonymous")


urlpatterns = [
    path("read", read),
    path("write", write),
    path("write/<int:pause>", write),
    path("in/<str:user>", sign_in),
    path("out", sign_out),
]


class Handler(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def end():
    sys.stdin.read()
    os._exit(0)


server = ThreadedWSGIServer(("127.0.0.1", 0), Handler)
server.set_app(get_wsgi_application())
print(server.server_port, flush=True)
threading.Thread(target=end, daemon=True).start()
server.serve_forever()

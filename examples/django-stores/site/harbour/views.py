"""The pages that the Rust service has, too, and those that only help the checks: `tuple`, `password`, `record`."""

import datetime
import json
import os
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt


def show(request):
    user = request.user.username if request.user.is_authenticated else None
    return JsonResponse({"user": user, "session": dict(request.session.items())})


def plain(request):
    return HttpResponse("no session\n")


@csrf_exempt
def set_value(request):
    """Sets the keys of a JSON object."""
    request.session.update(json.loads(request.body))
    return HttpResponse("set\n")


@csrf_exempt
def set_tuple(request):
    """Sets a value that a pickle keeps, and JSON does not."""
    request.session["tuple"] = (1, 2)
    return HttpResponse("set\n")


@csrf_exempt
def set_expiry(request):
    """`browser`, or seconds from now as `300` (a duration) or `@300` (an instant)."""
    text = request.body.decode()
    if text == "browser":
        request.session.set_expiry(0)
    elif text.startswith("@"):
        request.session.set_expiry(timezone.now() + datetime.timedelta(seconds=int(text[1:])))
    else:
        request.session.set_expiry(int(text))
    return HttpResponse("set\n")


@csrf_exempt
def set_password(request):
    user = User.objects.get(username="admiral")
    user.set_password(request.body.decode())
    user.save()
    return HttpResponse("changed\n")


@csrf_exempt
def record(request):
    """Whether the record of a key exists (GET), or moves its end into the past (POST)."""
    key = request.GET["key"]
    store = import_module(settings.SESSION_ENGINE).SessionStore
    if request.method == "POST":
        if settings.SESSION_FILE_PATH:
            file = Path(settings.SESSION_FILE_PATH) / (settings.SESSION_COOKIE_NAME + key)
            os.utime(file, (0, 0))
        else:
            sessions = store.get_model_class().objects
            sessions.filter(pk=key).update(expire_date=timezone.now() - datetime.timedelta(seconds=1))
    return JsonResponse({"exists": store().exists(key)})

import json
import time
import uuid

from django.contrib import admin
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST


@never_cache
def harbour(request):
    """Who is signed in, and what the session holds: the cart from Rust, the note from Django."""
    # Looks at the user first: this ends a session whose login has ended, and nothing of it must be shown.
    context = admin.site.each_context(request)
    note = request.session.get("note")
    context |= {
        "title": "Harbour",
        "is_nav_sidebar_enabled": False,
        "cart": request.session.get("cart", {}),
        "note": note and json.dumps(note, ensure_ascii=False),
    }
    return render(request, "harbour.html", context)


@require_POST
def write_note(request):
    """Puts a value into the session that few languages keep as it is: any text, a float, an integer of 128 bits."""
    text = request.POST.get("text", "")[:200]
    request.session["note"] = {"text": text, "written": time.time(), "id": uuid.uuid4().int}
    return redirect("harbour")


@require_POST
def empty_cart(request):
    request.session.pop("cart", None)
    return redirect("harbour")

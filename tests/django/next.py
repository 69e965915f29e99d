"""Django's judgment of the parameter `next` of a login page. It runs where Django is installed.

    python next.py    reads values from stdin, one JSON string a line, and answers each on one line of stdout

An answer is a list: whether Django would redirect to the value after signing in on the host `site.example`, and where its
`redirect_to_login` leads for it.
"""

import django
from django.conf import settings

import lines

# A login page may be named by its view, so Django looks for one.
urlpatterns = []


def answer(value):
    from django.contrib.auth.views import redirect_to_login
    from django.utils.http import url_has_allowed_host_and_scheme

    is_allowed = url_has_allowed_host_and_scheme(value, allowed_hosts={"site.example"})
    return [is_allowed, redirect_to_login(value, "/login?by=mail")["Location"] if value.isascii() else None]


def main():
    settings.configure(
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
        ROOT_URLCONF=__name__,
        SECRET_KEY="none",
    )
    django.setup()
    lines.serve(answer)


if __name__ == "__main__":
    main()

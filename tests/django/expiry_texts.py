"""Django's reading of a session's own expiry. It runs where Django is installed, on Python 3.11 or newer.

    python expiry_texts.py    reads texts from stdin, one JSON string a line, and answers each on one line of stdout

An answer is the microseconds from 1970 to that date, a local time taken for UTC, or null if Django raises an exception.
"""

from datetime import datetime, timedelta, timezone

from django.conf import settings
from django.contrib.sessions.backends.signed_cookies import SessionStore

import lines

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def answer(text):
    session = SessionStore()
    session["_session_expiry"] = text
    try:
        date = session.get_expiry_date()
    except ValueError:
        return None
    assert session.get_expiry_age(modification=date) == 0
    if date.tzinfo is None:
        date = date.replace(tzinfo=timezone.utc)
    return (date - EPOCH) // timedelta(microseconds=1)


def main():
    settings.configure(SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies", SECRET_KEY="none")
    lines.serve(answer)


if __name__ == "__main__":
    main()

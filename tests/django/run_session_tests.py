"""Runs Django's own CookieSessionTests over a session engine whose sessions are the Rust crate's.

    python run_session_tests.py BRIDGE DJANGO_SDIST_DIR

BRIDGE is the program that bridged_sessions.py describes, DJANGO_SDIST_DIR an unpacked source distribution of Django
5.2.19 (the tests are in no wheel). It runs where that version of Django is installed.
"""

import sys
import unittest
from importlib import import_module
from pathlib import Path

# Creates no __pycache__ in the repository or in the source distribution.
sys.dont_write_bytecode = True

from own_tests import run, tests_in

PASSED = 62
# Django itself skips these: they need a store, which the cookie engine does not have.
SKIPPED = 4


def main(program, source):
    import django
    from django.conf import settings
    from django.test.utils import setup_test_environment

    sys.path.append(str(Path(source) / "tests"))
    settings.configure(
        SECRET_KEY="the key of the test settings",
        SESSION_ENGINE="bridged_sessions",
        SESSION_BRIDGE=program,
        # The module also contains tests of engines with models, which cannot run here.
        INSTALLED_APPS=["django.contrib.sessions", "sessions_tests"],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    )
    django.setup()
    setup_test_environment()
    engine = import_module(settings.SESSION_ENGINE)

    cookie_tests = import_module("sessions_tests.tests").CookieSessionTests
    cookie_tests.backend = engine.SessionStore
    # Django's engine does not enforce a session's own expiry: one test is marked as an expected failure, and its
    # asynchronous twin is emptied. Ours does, so both run unchanged, as for every other engine.
    cookie_tests.test_actual_expiry.__unittest_expecting_failure__ = False
    del cookie_tests.test_actual_expiry_async

    tests = list(tests_in(unittest.defaultTestLoader.loadTestsFromTestCase(cookie_tests)))
    result = run(tests)
    ended = engine.bridge.close()

    skipped = len(result.skipped)
    failed = len(tests) - result.passed - skipped
    print("django session tests: %d passed, %d failed, %d skipped by Django" % (result.passed, failed, skipped))
    return 0 if (result.passed, failed, skipped, ended) == (PASSED, 0, SKIPPED, 0) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

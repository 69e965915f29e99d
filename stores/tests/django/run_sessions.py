"""Runs Django's own tests of its session engines that keep sessions on a server.

    python run_sessions.py django|bridge SDIST FOLDER DATABASE CLASS...

"django" runs them as they are, "bridge" over the stores of the Rust program on the other side of standard input and output
(bridged_stores.py). SDIST is an unpacked source distribution of Django 5.2.19 (the tests are in no wheel), FOLDER an empty
folder for the files, DATABASE "sqlite", whose database is in the folder, or the URL of a server, CLASS one of CLASSES.
HARDTACK_REDIS is the URL of a Redis server, the cache of both sides. The last line has "op": "results", and "tests" with
the class, the name and the outcome of each test.

Another process cannot see the transaction of a TestCase, nor LocMemCache, nor a database in memory.
So the tests run without transactions, with a database in a file, and with Redis. assertNumQueries(0) counts the queries of
Django alone: over the stores it cannot fail.
"""

import json
import os
import sys
import time
import unittest
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

# Creates no __pycache__ in the repository or in the source distribution.
sys.dont_write_bytecode = True

TIME_ZONE = "Europe/Berlin"  # the Rust program's, too

# The stores in bridged_stores.py that replace them.
CLASSES = {
    "DatabaseSessionTests": "DatabaseStore",
    "DatabaseSessionWithTimeZoneTests": "DatabaseStore",
    "CustomDatabaseSessionTests": "CustomDatabaseStore",
    "CacheDBSessionTests": "CachedDatabaseStore",
    "CacheDBSessionWithTimeZoneTests": "CachedDatabaseStore",
    "FileSessionTests": "FileStore",
    "FileSessionPathLibTests": "FileStore",
    "CacheSessionTests": "CacheStore",
}

# Tests that only Django's own engines can pass. A name without a class applies to all classes.
SKIPPED = {
    "test_session_key_is_read_only": "an attribute of a Python class",
    "CustomDatabaseSessionTests.test_extra_session_field": "the store writes Django's columns and no others",
    "CacheDBSessionTests.test_non_default_cache": "SESSION_CACHE_ALIAS names a cache of the Python process",
    "CacheDBSessionWithTimeZoneTests.test_non_default_cache": "SESSION_CACHE_ALIAS names a cache of the Python process",
    "CacheSessionTests.test_non_default_cache": "DummyCache and LocMemCache live in the Python process",
}


def database(folder, url):
    name = str(folder / "sessions.sqlite3")
    if url == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "TEST": {"NAME": name}}
    url = urlsplit(url)
    return {
        "ENGINE": "django.db.backends." + {"postgres": "postgresql"}.get(url.scheme, url.scheme),
        "NAME": url.path[1:],
        "USER": url.username,
        "HOST": url.hostname,
        "PORT": url.port,
    }


def configure(folder, url):
    from django.conf import settings

    # A settings module sets the process's time zone, configure() does not.
    os.environ["TZ"] = TIME_ZONE
    time.tzset()
    settings.configure(
        SECRET_KEY="the key of the test settings",
        INSTALLED_APPS=["django.contrib.sessions", "sessions_tests"],
        DATABASES={"default": database(folder, url)},
        CACHES={
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": os.environ["HARDTACK_REDIS"],
            },
        },
        SESSION_FILE_PATH=str(folder),
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        # The setting of Django's own test runs. Classes named "WithTimeZone" turn it on.
        USE_TZ=False,
        TIME_ZONE=TIME_ZONE,
    )


def put_bridge_behind(tests):
    """Sets the engines of the test classes. The command clearsessions also gets ours."""
    import django.contrib.sessions.backends.file as file_engine

    bridged = import_module("bridged_stores")
    for name, store in CLASSES.items():
        getattr(tests, name).backend = getattr(bridged, store)
    # An engine is a module with a SessionStore. Its tests name these modules.
    for name, engine in {
        "DatabaseSessionTests": "DatabaseStore",
        "CustomDatabaseSessionTests": "CustomDatabaseStore",
    }.items():
        module = type(sys)("bridged_" + engine)
        module.SessionStore = getattr(bridged, engine)
        sys.modules[module.__name__] = module
        getattr(tests, name).session_engine = module.__name__
    file_engine.SessionStore = bridged.FileStore
    return bridged.bridge


class Result(unittest.TextTestResult):
    """Records one outcome per test, whereas unittest counts each failing subtest."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.outcomes = {}

    def addSuccess(self, test):
        super().addSuccess(test)
        self.outcomes.setdefault(test.id(), ("passed", ""))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.outcomes[test.id()] = ("skipped", reason)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.outcomes[test.id()] = ("failed", "")

    def addError(self, test, err):
        super().addError(test, err)
        self.outcomes[test.id()] = ("failed", "")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.outcomes[test.id()] = ("failed", "")


def run(tests, classes, skipped):
    suite = unittest.TestSuite()
    for name in classes:
        for test in unittest.defaultTestLoader.loadTestsFromTestCase(getattr(tests, name)):
            method = test.id().rpartition(".")[2]
            reason = skipped.get(method) or skipped.get("%s.%s" % (name, method))
            if reason:
                setattr(test, method, unittest.skip(reason)(getattr(test, method)))
            suite.addTest(test)
    result = unittest.TextTestRunner(verbosity=2, resultclass=Result).run(suite)
    return [[*test.split(".")[-2:], *outcome] for test, outcome in result.outcomes.items()]


def main(mode, source, folder, url, *classes):
    import django

    if url.startswith("mysql:"):
        import pymysql

        # Django requires this version of mysqlclient.
        pymysql.version_info = (1, 4, 3, "final", 0)
        pymysql.install_as_MySQLdb()
    sys.path.append(str(Path(source) / "tests"))
    configure(Path(folder), url)
    django.setup()

    from django.test import TestCase
    from django.test.utils import setup_databases, setup_test_environment

    setup_test_environment()
    tests = import_module("sessions_tests.tests")
    TestCase._databases_support_transactions = classmethod(lambda cls: False)
    # The database is not deleted, because the other side is still connected to it. The next run replaces it.
    setup_databases(verbosity=0, interactive=False)
    if mode == "bridge":
        bridge = put_bridge_behind(tests)
        bridge.ask("results", tests=run(tests, classes, SKIPPED))
    else:
        print(json.dumps({"op": "results", "tests": run(tests, classes, {})}))


if __name__ == "__main__":
    main(*sys.argv[1:])

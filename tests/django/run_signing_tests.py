"""Runs Django's own tests of django.core.signing against the Rust crate.

    python run_signing_tests.py BRIDGE DJANGO_SDIST_DIR

BRIDGE is the program that bridged_signing.py describes, DJANGO_SDIST_DIR an unpacked source distribution of Django
5.2.19 (the tests are in no wheel). It runs where that version of Django is installed.
"""

import importlib.util
import sys
import unittest
from pathlib import Path

# Creates no __pycache__ in the repository or in the source distribution.
sys.dont_write_bytecode = True

from own_tests import name_of, run, tests_in

# These two use other hash functions than SHA-256, which no session cookie does.
NOT_APPLICABLE = ["test_custom_algorithm", "test_invalid_algorithm"]
APPLICABLE = 17


def load_tests(path):
    spec = importlib.util.spec_from_file_location("signing_tests", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(tests_in(unittest.defaultTestLoader.loadTestsFromModule(module)))


def main(program, source):
    import django
    from django.conf import settings
    from django.test.utils import setup_test_environment

    settings.configure(SECRET_KEY="the key of the test settings")
    django.setup()
    setup_test_environment()
    import bridged_signing

    # Before the tests are loaded, so that none of their names can still refer to Django's functions.
    bridge = bridged_signing.SigningBridge(program)
    bridged_signing.install(bridge)

    tests = load_tests(Path(source) / "tests" / "signing" / "tests.py")
    skipped = [test for test in tests if name_of(test) in NOT_APPLICABLE]
    applicable = [test for test in tests if test not in skipped]
    count = len(applicable)
    result = run(applicable)
    bridge.close()

    for test in skipped:
        print("not applicable: %s" % name_of(test))
    print(
        "django signing tests: %d passed, %d failed, %d not applicable"
        % (result.passed, count - result.passed, len(skipped))
    )
    expected = (APPLICABLE, APPLICABLE, len(NOT_APPLICABLE))
    return 0 if (count, result.passed, len(skipped)) == expected else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

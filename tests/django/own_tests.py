"""Helpers for running Django's own tests."""

import unittest


def tests_in(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests_in(test)
        else:
            yield test


def name_of(test):
    return test.id().split(".")[-1]


class Result(unittest.TextTestResult):
    """Counts tests, whereas unittest counts a test that fails in three subtests as three failures."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def run(tests):
    return unittest.TextTestRunner(verbosity=2, resultclass=Result).run(unittest.TestSuite(tests))

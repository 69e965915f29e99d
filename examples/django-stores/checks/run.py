"""Runs the checks for each engine, and prints a table. Exits with 1 if a check fails.

    run.py FOLDER SERVERS [ENGINE...]

FOLDER is for databases and logs; SERVERS is the folder of stores/tests/servers.sh.
"""

import signal
import sys
import time
from pathlib import Path

import django

# These two add their checks to CHECKS.
import edges
import log_ins
from check import CHECKS, NotHere
from processes import Stack, Users

ENGINES = {
    "db:sqlite": "db: SQLite",
    "db:postgres": "db: PostgreSQL",
    "db:mysql": "db: MariaDB",
    "file": "file",
    "cache:redis": "cache: RedisCache",
    "cache:django_redis": "cache: django_redis",
    "cache:memcached": "cache: PyMemcacheCache",
    "cached_db:redis": "cached_db: SQLite, Redis",
    "signed_cookies": "signed_cookies",
}
# Each column, and the checks that prove it. D is Django, R is Rust.
COLUMNS = {
    "D writes, R reads": [4],
    "R writes, D reads": [6],
    "equal values": [4, 6, 12],
    "log-in D>R": [1, 2],
    "R>D": [10, 11],
    "sign-out D>R": [13],
    "R>D ": [8, 9],
    "USE_TZ=False": [22],
}
# With USE_TZ = False, these are run again.
IN_BERLIN = [*range(1, 22), 25]


def run_checks(stack, numbers, where=""):
    """Returns "ok", "-" or "FAIL" by number."""
    results = {}
    for number in numbers:
        text, function = CHECKS[number]
        try:
            function(stack)
            results[number] = "ok"
        except NotHere as reason:
            results[number] = "-"
            print(f"  {number:2} -     {text}{where}: {reason}")
        except Exception as error:
            results[number] = "FAIL"
            print(f"  {number:2} FAIL  {text}{where}: {type(error).__name__}: {error}")
    return results


def run_engine(engine, folder, servers, users):
    started = time.monotonic()
    print(f"{ENGINES[engine]}:", flush=True)
    folder = folder / engine.replace(":", "-")
    with Stack(engine, folder / "berlin", servers, users, use_tz=False) as stack:
        stack.start()
        in_berlin = run_checks(stack, IN_BERLIN, ", with USE_TZ = False")
    with Stack(engine, folder / "utc", servers, users) as stack:
        stack.start()
        results = run_checks(stack, sorted(CHECKS))
    results[22] = "FAIL" if "FAIL" in in_berlin.values() else "ok"
    print(f"  {time.monotonic() - started:.0f} s", flush=True)
    return dict(sorted(results.items()))


def worst(results):
    return max(results, key=["ok", "-", "FAIL"].index)


def print_table(results):
    header = ["engine", *COLUMNS, "checks"]
    rows = [header]
    for engine, of_engine in results.items():
        columns = [worst(of_engine[number] for number in numbers) for numbers in COLUMNS.values()]
        passed = list(of_engine.values()).count("ok")
        applicable = len(of_engine) - list(of_engine.values()).count("-")
        rows.append([ENGINES[engine], *columns, f"{passed} of {applicable}"])
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    for row in rows:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder, servers, *engines = sys.argv[1:]
    folder, servers = Path(folder), Path(servers)
    users = Users(folder)
    results = {engine: run_engine(engine, folder, servers, users) for engine in engines or ENGINES}
    print(f"\nDjango {django.__version__}, Python {sys.version.split()[0]}; D is Django, R is Rust\n")
    print_table(results)
    every = [result for of_engine in results.values() for result in of_engine.values()]
    print(f"\nchecks: {every.count('ok')} passed, {every.count('FAIL')} failed, {every.count('-')} make no sense there")
    return 1 if "FAIL" in every else 0


if __name__ == "__main__":
    sys.exit(main())

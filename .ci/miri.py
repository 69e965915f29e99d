#!/usr/bin/env python3
"""Runs each of the crate's own tests alone under Miri, which looks for undefined behaviour:

    .ci/miri.py SECONDS [OPTIONS OF CARGO]
    .ci/miri.py 60 --no-default-features --features compress --target s390x-unknown-linux-gnu
    .ci/miri.py 60 --all-features --lib --test tamper

With `--lib` or `--test NAME`, only the tests of src or of these files are run.
Miri is hundreds of times slower than the processor, so a test is ended after SECONDS of its time, and listed as too slow.
Prints a line for each file of tests, and fails if a test fails or Miri finds something. Needs the nightly toolchain with the
components miri and rust-src. Several hundred tests take hours.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# They cannot run under Miri, as they start processes or open sockets.
LEFT_OUT = {"django_live"}
# A property is tried with few values, as each takes seconds.
ENVIRONMENT = {
    **os.environ,
    "MIRIFLAGS": "-Zmiri-disable-isolation",
    "PROPTEST_CASES": "4",
    "RUST_BACKTRACE": "0",
}

files = sorted({path.stem for path in Path("tests").glob("*.rs")} - LEFT_OUT) + ["keyed"]

parser = argparse.ArgumentParser(allow_abbrev=False)
parser.add_argument("seconds", type=int)
parser.add_argument("--lib", action="append_const", dest="suites", const="src")
parser.add_argument("--test", action="append", dest="suites", metavar="NAME", choices=files)
chosen, options = parser.parse_known_args()


def miri(suite, *arguments, limit=None):
    def bound():
        if limit:
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))

    command = ["cargo", "+nightly", "miri", "test", "--locked", *options, *suite, "--", *arguments]
    return subprocess.run(
        command, env=ENVIRONMENT, preexec_fn=bound, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def outcome(suite, test):
    run = miri(suite, "--exact", test, limit=chosen.seconds)
    if "test result: ok. 1 passed" in run.stdout:
        return "passed", run
    if "test result: ok. 0 passed; 0 failed; 1 ignored" in run.stdout:
        return "ignored", run
    # Cargo prints the signal, or gets it itself.
    if re.search(r"signal: (9|24)\b", run.stderr) or run.returncode < 0:
        return "too slow", run
    if "unsupported operation" in run.stdout + run.stderr:
        return "unsupported", run
    return "failed", run


suites = {"src": ["--lib"], **{name: ["--test", name] for name in files}}
if chosen.suites:
    suites = {name: suites[name] for name in chosen.suites}
total, failures = Counter(), []
with ThreadPoolExecutor(os.cpu_count()) as pool:
    for name, suite in suites.items():
        listed = miri(suite, "--list", "--format", "terse")
        if "requires the features" in listed.stderr:
            continue
        if listed.returncode:
            sys.exit(listed.stderr)
        tests = re.findall(r"^(.*): test$", listed.stdout, re.M)
        found = list(pool.map(lambda test: outcome(suite, test), tests))
        counts = Counter(kind for kind, _ in found)
        total += counts
        print(f"{name}: {', '.join(f'{number} {kind}' for kind, number in counts.items()) or 'no test'}")
        for test, (kind, run) in zip(tests, found):
            if kind in ("too slow", "unsupported"):
                print(f"    {kind}: {test}")
            if kind == "failed":
                failures.append(test)
                print(f"    failed: {test}\n{run.stdout[-3000:]}{run.stderr[-3000:]}")
        sys.stdout.flush()
print(f"Miri: {', '.join(f'{number} {kind}' for kind, number in total.items())}")
sys.exit(1 if failures or not total["passed"] else 0)

"""Prints the covered lines of each file in src from tracefiles of lcov, and those of all files together.

A line counts as covered if any copy of it ran: the compressor is compiled a second time for the targets `zlib` and
`zlib_tokens`, under another path.
"""

import sys
from collections import defaultdict
from pathlib import Path

SRC = Path(__file__).resolve().parent.parent / "src"


def main(tracefiles):
    runs = defaultdict(lambda: defaultdict(int))
    lines = None
    for record in (line for tracefile in tracefiles for line in Path(tracefile).read_text(encoding="utf-8").splitlines()):
        if record.startswith("SF:"):
            lines = runs[Path(record[3:]).resolve()]
        elif record.startswith("DA:"):
            line, times = record[3:].split(",")[:2]
            lines[int(line)] += int(times)
    covered, total = 0, 0
    for path in sorted(path for path in runs if path.is_relative_to(SRC)):
        ran = sum(times > 0 for times in runs[path].values())
        missing = [str(line) for line, times in sorted(runs[path].items()) if times == 0]
        covered, total = covered + ran, total + len(runs[path])
        print(f"{ran / len(runs[path]):7.1%} {ran:5} of {len(runs[path]):4}  {path.relative_to(SRC)}  {' '.join(missing[:12])}")
    print(f"{covered / total:7.1%} {covered:5} of {total:4}  src")


main(sys.argv[1:])

"""The protocol of the scripts that answer questions: one JSON value a line, on stdin a question, on stdout its answer."""

import json
import sys


def serve(answer):
    sys.stdin.reconfigure(encoding="utf-8")
    # All input is read before anything is written, so the other side can write everything before it reads.
    answers = [answer(json.loads(line)) for line in sys.stdin]
    for each in answers:
        print(json.dumps(each))

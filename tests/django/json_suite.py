"""CPython's reading of JSON, as Django's serializer calls it. It runs where Django is installed.

    python json_suite.py    reads JSON texts from stdin, each in base64 as one JSON string a line, and answers each on one
                            line of stdout

An answer is a list of two: the text that `json.dumps` writes for what `json.loads` reads, or null if it raises an
exception; and the same for Django's `JSONSerializer`, which decodes bytes as latin-1.
"""

import base64
import json

from django.core.signing import JSONSerializer

import lines


def written(loads, data):
    try:
        return JSONSerializer().dumps(loads(data)).decode("latin-1")
    except (ValueError, RecursionError):
        return None


def answer(text):
    data = base64.b64decode(text)
    return [written(json.loads, data), written(JSONSerializer().loads, data)]


def main():
    lines.serve(answer)


if __name__ == "__main__":
    main()

"""CPython's decompression, as Django's signing module calls it.

    python zlib_streams.py    reads zlib streams from stdin, each in base64 as one JSON string a line, and answers each on
                              one line of stdout

An answer is the text, one character for each byte, or null if zlib refuses the stream.
"""

import base64
import zlib

import lines


def answer(text):
    try:
        return zlib.decompress(base64.b64decode(text)).decode("latin-1")
    except zlib.error:
        return None


if __name__ == "__main__":
    lines.serve(answer)

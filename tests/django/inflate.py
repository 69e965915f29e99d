"""CPython's zlib. It runs on any Python.

    python inflate.py    reads streams from stdin, one a line in hexadecimal, and answers each on one line of stdout

An answer is what the stream inflates to, in hexadecimal, or the name of the exception. The stream has to end with the line.
"""

import sys
import zlib


def answer(line):
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(bytes.fromhex(line))
    except zlib.error as error:
        return type(error).__name__
    return data.hex() if inflater.eof and not inflater.unused_data else "not one whole stream"


if __name__ == "__main__":
    # All input is read before anything is written, so the other side can write everything before it reads.
    answers = [answer(line) for line in sys.stdin]
    for line in answers:
        print(line)

"""A Rust program at the other end of a pipe, which answers each line of JSON with one line."""

import json
import subprocess


class Refused(Exception):
    def __init__(self, name, message):
        super().__init__("%s: %s" % (name, message))
        self.name = name


def exchange(out, answers, op, request):
    out.write(json.dumps({"op": op, **request}) + "\n")
    out.flush()
    line = answers.readline()
    # Not a refusal, and no exception of Django's: a test that expects one would pass because the program has ended.
    if not line:
        raise RuntimeError("the bridge has ended, at %r" % op)
    return json.loads(line)


class Bridge:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")

    def ask(self, op, **request):
        answer = exchange(self.process.stdin, self.process.stdout, op, request)
        if "error" in answer:
            raise Refused(answer["error"], answer["message"])
        return answer["ok"]

    def close(self):
        self.process.communicate()
        return self.process.returncode


def key_to_json(key):
    return {"hex": key.hex()} if isinstance(key, bytes) else {"text": key}

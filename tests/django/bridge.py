"""A Rust program on the other side of a pipe, asked with one line of JSON, answering with one."""

import json
import subprocess


class Refused(Exception):
    def __init__(self, name, message):
        super().__init__("%s: %s" % (name, message))
        self.name = name


class Bridge:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")

    def ask(self, op, **request):
        self.process.stdin.write(json.dumps({"op": op, **request}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        # Not a refusal: a test that expects one would pass because the bridge is down.
        if not line:
            raise RuntimeError("the bridge has ended, at %r" % op)
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"], answer["message"])
        return answer["ok"]

    def close(self):
        self.process.communicate()
        return self.process.returncode


def key_to_json(key):
    return {"hex": key.hex()} if isinstance(key, bytes) else {"text": key}

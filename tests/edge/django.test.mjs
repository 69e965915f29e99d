// Django reads the cookies that the module writes, with the same content.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Codec, module } from "../../examples/edge/node.mjs";
import { NOW, SECRET } from "./cases.mjs";
import { django } from "./django.mjs";
import { assertSame } from "./native.mjs";

const SESSIONS = [
  "{}",
  '{"_auth_user_id":"7"}',
  '{ "name" : "Zoë", "emoji":"🍪", "both": "\\ud83c\\udf6a", "del": "\u007f", "slash": "\\/" }',
  '{"中文":"漢字","ключ":["один",{"два":2}]}',
  '{"lone":"\\ud800","nan":NaN,"numbers":[0,-0.0,1.5,1e+22,123456789012345678901234567890]}',
  '{"a":1,"b":2,"a":3}',
  JSON.stringify({ text: "so that it compresses ".repeat(100) }),
  JSON.stringify(Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`key ${n}`, n]))),
];

test("Django accepts the module's cookies", () => {
  for (const compress of [true, false]) {
    const codec = new Codec(module, [SECRET], { compress });
    const values = SESSIONS.map((json) => codec.encode(json, NOW).value);
    const read = django(values.map((cookie) => ({ cookie, secret: SECRET, at: NOW + 60 })));
    for (const [index, value] of values.entries()) {
      const { json, keyIndex, issuedAt } = codec.verify(value, NOW + 60);
      assertSame({ json }, { json: read[index] }, SESSIONS[index]);
      assert.deepEqual([keyIndex, issuedAt], [0, Math.floor(NOW)]);
      if (!SESSIONS[index].includes("NaN")) assert.deepEqual(JSON.parse(json), JSON.parse(SESSIONS[index]));
      if (!compress) assert.ok(!value.startsWith("."), json);
      else if (json.length > 500) assert.ok(value.startsWith("."), json);
    }
  }
});

test("text that is not a session is not encoded", () => {
  const codec = new Codec(module, [SECRET]);
  const noise = Array.from({ length: 1000 }, (_, n) => (n * 2654435761) % 4294967296);
  for (const [json, reason] of [
    ["", "MalformedJson"],
    ["{", "MalformedJson"],
    ["[]", "NotAnObject"],
    ['{"\\ud800":1}', "LoneSurrogate"],
    [`{"a":${"[".repeat(128)}${"]".repeat(128)}}`, "TooDeep"],
    [`{"a":${"1".repeat(4301)}}`, "IntegerTooLong"],
    [JSON.stringify({ a: "x".repeat(65_536) }), "JsonTooLong"],
    [JSON.stringify({ a: "x".repeat(1_000_000) }), "JsonTooLong"],
    [JSON.stringify({ noise }), "TooLong"],
    // An expiry that verifying would refuse.
    ...["soon", "300", true, [300], "2023-11-14", "2023-11-14T22:13:21", new Date(NOW * 1000).toUTCString()].map((expiry) => [
      JSON.stringify({ _session_expiry: expiry }),
      "MalformedExpiry",
    ]),
    ['{"_session_expiry":NaN}', "MalformedExpiry"],
    ...[-1, "2023-11-14T22:13:20Z", new Date(NOW * 1000 - 1).toISOString()].map((expiry) => [JSON.stringify({ _session_expiry: expiry }), "SessionExpired"]),
  ]) {
    assert.deepEqual(codec.encode(json, NOW), { reason }, json.slice(0, 40));
  }
});

test("an expiry in JavaScript's spelling is read", () => {
  const codec = new Codec(module, [SECRET]);
  for (const milliseconds of [1, 499, 1_000, 3_600_000]) {
    const end = NOW + milliseconds / 1000;
    const { value } = codec.encode(JSON.stringify({ _session_expiry: new Date(end * 1000) }), NOW);
    assert.ok(codec.verify(value, end).json);
    assert.deepEqual(codec.verify(value, end + 0.002), { reason: "SessionExpired" });
  }
});

// No input makes the module trap, and its memory does not grow.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Codec, module } from "../../examples/edge/node.mjs";
import { signed } from "../signed.mjs";
import { CASES, NOW, OLD, SECRET } from "./cases.mjs";
import { assertSame, native } from "./native.mjs";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
console.log(`seed of the random cookies: ${seed}`);

// Mulberry32 generates the same cookies for the same seed.
let state = seed;
function below(limit) {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
}
const ALPHABET = "ABCabc0129-_:.=;\"\\ ";
const randomUnit = () => (below(8) ? ALPHABET[below(ALPHABET.length)] : String.fromCharCode(below(0x10000)));
const randomString = () => Array.from({ length: below(4) ? below(300) : below(5000) }, randomUnit).join("");

function mutated(cookie) {
  const at = below(cookie.length + 1);
  switch (below(4)) {
    case 0: return cookie.slice(0, at) + randomUnit() + cookie.slice(at + 1);
    case 1: return cookie.slice(0, at);
    case 2: return cookie.slice(0, at) + randomString() + cookie.slice(at);
    default: return cookie.slice(at) + cookie.slice(0, at);
  }
}

test("ten thousand random strings and mutated cookies get answers", () => {
  const codec = new Codec(module, [SECRET, OLD]);
  const cookies = Array.from({ length: 10_000 }, (_, n) => (n % 2 ? mutated(CASES[below(CASES.length)].cookie) : randomString()));
  const answers = cookies.map((cookie) => codec.verify(cookie, NOW));
  for (const cookie of cookies) {
    codec.verifyHeader(`a=${cookie}; sessionid=${cookie}`, NOW);
    codec.encode(cookie, NOW);
    codec.encode(`{"a":${JSON.stringify(cookie)}}`, NOW);
  }
  // The program reads lines, so text with a line end is left out.
  const lines = cookies.map((cookie, index) => ({ cookie, answer: answers[index] })).filter(({ cookie }) => cookie.trim() && !/[\r\n]/.test(cookie));
  const expected = native(lines.map(({ cookie }) => cookie));
  for (const [index, { cookie, answer }] of lines.entries()) assertSame(answer, expected[index], cookie);
  console.log(`${cookies.length} random strings and mutated cookies, no trap; ${lines.length} asked of the native crate, too: the same answers`);
});

test("hostile payloads with a valid signature get answers", () => {
  const codec = new Codec(module, [SECRET]);
  for (let round = 0; round < 2000; round += 1) {
    const text = Array.from({ length: below(200) }, () => '{}[]":,\\u0d8e1E+-.truefalsnNaI é\n'[below(34)]).join("");
    const { value } = codec.encode(`{"_session_expiry":${text}}`, NOW);
    if (value !== undefined) codec.verify(value, NOW + 60);
  }
});

test("memory is flat over a million calls", () => {
  const { exports } = new WebAssembly.Instance(module, {});
  const start = exports.memory.buffer.byteLength;
  console.log(`memory at start: ${start / 1024} KB`);
  assert.ok(start <= 128 * 1024);

  const instances = [];
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function (...given) {
    instances.push(new Instance(...given));
    return instances.at(-1);
  };
  const codec = new Codec(module, [SECRET, OLD]);
  WebAssembly.Instance = Instance;
  const bytes = () => instances[0].exports.memory.buffer.byteLength;
  const afterOpening = bytes();

  const cookies = CASES.map(({ cookie }) => cookie);
  const json = JSON.stringify({ text: "compressible ".repeat(50) });
  const mixed = (n) => {
    codec.verify(cookies[n % cookies.length], NOW);
    if (n % 10 === 0) codec.verifyHeader(`sessionid=${cookies[n % cookies.length]}`, NOW);
    if (n % 100 === 0) codec.encode(json, NOW);
  };
  for (let n = 0; n < 10_000; n += 1) mixed(n);
  const warm = bytes();
  let calls = 0;
  for (let n = 0; calls < 1_000_000; n += 1) {
    mixed(n);
    calls += 1 + (n % 10 === 0) + (n % 100 === 0);
  }
  assert.equal(bytes(), warm);
  console.log(`memory: ${afterOpening / 1024} KB with two secrets, ${warm / 1024} KB after 10000 mixed calls, the same after ${calls} more`);
});

test("the module also checks lengths", () => {
  const { exports } = new WebAssembly.Instance(module, {});
  const reasonOf = (reply) => {
    const view = new DataView(exports.memory.buffer, reply, 12);
    assert.equal(view.getUint32(0, true), 0);
    return Buffer.from(exports.memory.buffer, view.getUint32(4, true), view.getUint32(8, true)).toString();
  };
  assert.equal(reasonOf(exports.verify(0, NOW)), "EmptyKey"); // before anything was opened
  assert.equal(exports.input(2 ** 31), 0);
  assert.equal(exports.input(-1), 0);
  for (const capacity of [0, 10]) {
    for (const length of [11, 2 ** 31, -1]) {
      exports.input(capacity);
      assert.equal(reasonOf(exports.add_secret(length)), "EmptyKey");
      assert.equal(reasonOf(exports.verify(length, NOW)), "BadSignature");
      assert.equal(reasonOf(exports.encode(length, NOW)), "EmptyKey");
    }
  }
});

test("nothing is imported", () => {
  assert.deepEqual(WebAssembly.Module.imports(module), []);
});

test("milliseconds in place of seconds are neither signed nor read", () => {
  const codec = new Codec(module, [SECRET], { maxAge: Infinity });
  assert.deepEqual(codec.encode("{}", 1_700_000_000_000), { reason: "TimeOutOfRange" });
  assert.deepEqual(codec.verify(signed("e30", { key: SECRET, at: NOW * 1000 }), NOW), { reason: "TimeOutOfRange" });
});

test("a program's mistakes throw errors without secrets", () => {
  const message = (make) => {
    try {
      make();
    } catch (error) {
      return `${error.name}: ${error.message}`;
    }
    return "none";
  };
  const refused = (...secrets) => message(() => new Codec(module, secrets));
  assert.equal(refused(), "RangeError: secrets must not be empty");
  assert.equal(refused(""), "RangeError: secret 0 is refused: EmptyKey");
  assert.equal(refused("only-31-characters-of-a-secret!"), "RangeError: secret 0 is refused: ShortKey");
  assert.equal(refused(SECRET, "abababababababababababababababababababab"), "RangeError: secret 1 is refused: RepetitiveKey");
  assert.equal(refused(`django-insecure-${SECRET}`), "RangeError: secret 0 is refused: InsecureKey");
  assert.equal(refused(`${SECRET}\n`), "RangeError: secret 0 is refused: UntrimmedKey");
  assert.equal(refused(SECRET, `\ufeff${SECRET}`), "RangeError: secret 1 is refused: UntrimmedKey");
  assert.equal(refused(SECRET, undefined), "TypeError: secret 1 must be a string");
  assert.equal(message(() => new Codec(module, SECRET)), "TypeError: secrets must be an array of strings");
  const codec = new Codec(module, [SECRET]);
  for (const now of [NaN, Infinity, "now"]) assert.match(message(() => codec.verify("a", now)), /RangeError/);
  for (const value of [undefined, null, 7, {}]) assert.match(message(() => codec.verify(value, NOW)), /TypeError/);
});

test("an option that is unknown or wrong is thrown back, without its value", () => {
  const optioned = (options) => new Codec(module, [SECRET], options);
  const thrown = (options, name, message) => assert.throws(() => optioned(options), { name, message });
  const known = "the options are maxAge, cookieName, compress";
  thrown({ maxage: 60 }, "TypeError", `unknown option "maxage": ${known}`);
  thrown({ maxAge: 60, toString: 1 }, "TypeError", `unknown option "toString": ${known}`);
  for (const options of [null, OLD, 60, [OLD]]) thrown(options, "TypeError", "options must be an object");

  for (const maxAge of ["60", OLD, null, 60n, [60]]) thrown({ maxAge }, "TypeError", "maxAge must be a number");
  for (const maxAge of [NaN, -1, -Infinity]) thrown({ maxAge }, "RangeError", "maxAge must be a number of seconds, or Infinity");
  for (const compress of [0, "no", null]) thrown({ compress }, "TypeError", "compress must be a boolean");

  for (const cookieName of [7, null, ["id"]]) thrown({ cookieName }, "TypeError", "cookieName must be a string");
  // RFC 9110, section 5.6.2: these of ASCII, and one of them at least.
  const isToken = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/;
  const characters = Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code));
  assert.equal(characters.filter((character) => isToken.test(character)).length, 15 + 10 + 52);
  for (const cookieName of ["", "a b", "a\n", "\ud800", ...characters.filter((character) => !isToken.test(character)).map((character) => `id${character}`)]) {
    thrown({ cookieName }, "RangeError", "cookieName must consist of letters, digits and !#$%&'*+-.^_`|~");
  }
  const { value } = optioned().encode("{}", NOW);
  for (const cookieName of characters.filter((character) => isToken.test(character))) {
    assert.equal(optioned({ cookieName }).verifyHeader(`${cookieName}=${value}`, NOW).json, "{}");
  }
  class Settings {
    get maxAge() {
      return 60;
    }
  }
  assert.deepEqual(optioned(new Settings()).verify(value, NOW + 61), { reason: "Expired" });
  assert.equal(optioned({ maxAge: undefined, cookieName: undefined, compress: undefined }).verify(value, NOW).json, "{}");
});

test("half a character is refused if it would change the signed text", () => {
  const codec = new Codec(module, [SECRET]);
  for (const half of ["\ud800", "\udc00", "\udc00\ud800", "\ud83d\ud83d\ude00"]) {
    assert.deepEqual(codec.encode(`{"a":"${half}"}`, NOW), { reason: "LoneSurrogate" });
    assert.throws(() => new Codec(module, [`${SECRET}${half}`]), /secret 0 is refused: LoneSurrogate/);
    // An escape is ordinary text, and a header may contain anything besides the session.
    const { value } = codec.encode(JSON.stringify({ a: half }), NOW);
    assert.equal(JSON.parse(codec.verifyHeader(`x=${half}; sessionid=${value}`, NOW).json).a, half);
  }
  assert.equal(JSON.parse(codec.verify(codec.encode('{"a":"\u{1f600}"}', NOW).value, NOW).json).a, "\u{1f600}");
});

test("instants before 1970 work", () => {
  const codec = new Codec(module, [SECRET], { maxAge: 60 });
  for (const now of [-0.25, -1, -2147483648.75]) {
    const { value } = codec.encode("{}", now);
    assert.equal(codec.verify(value, now).json, "{}");
    assert.equal(codec.verify(value, now).issuedAt, Math.trunc(now) + 0);
    assert.deepEqual(codec.verify(value, now + 61), { reason: "Expired" });
  }
});

test("ages are counted to the fraction of a second, and can be unlimited", () => {
  const { value } = new Codec(module, [SECRET]).encode("{}", 1_000_000);
  const short = new Codec(module, [SECRET], { maxAge: 0.5 });
  assert.equal(short.verify(value, 1_000_000.5).json, "{}");
  assert.deepEqual(short.verify(value, 1_000_000.51), { reason: "Expired" });
  assert.equal(new Codec(module, [SECRET], { maxAge: Infinity }).verify(value, 9e15).json, "{}");
});

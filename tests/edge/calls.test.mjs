// The module's raw exports under arbitrary calls, in any order: each gets the answer of the docs, none traps, and memory does
// not grow. CALLS sets their number, SEED the seed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { module } from "../../examples/edge/node.mjs";
import { SECRETS, answered } from "../answered.mjs";
import { NOW, signed } from "../signed.mjs";

const CALLS = Number(process.env.CALLS ?? 60_000);
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);

const CALLS_OF_AN_INSTANCE = 2000;
const MAX_INPUT = 4 * 64 * 1024;
const MAX_MEMORY = 4 * 1024 * 1024;
const TWO_WEEKS = 1_209_600;
const REFUSED = { "": "EmptyKey", "just-31-bytes-long-0123456789ab": "ShortKey", [`${"ab".repeat(20)}`]: "RepetitiveKey", [`${SECRETS[0]}\n`]: "UntrimmedKey", [`django-insecure-${SECRETS[0]}`]: "InsecureKey" };
const COOKIES = answered();

// Mulberry32.
let state = SEED;
function below(limit) {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
}
const one = (list) => list[below(list.length)];
const isText = (bytes) => Buffer.from(bytes.toString()).equals(bytes);

// Bytes that no secret signed, unless they come out as a cookie.
function mangled() {
  const bytes = Buffer.from(one(COOKIES).text);
  const at = below(bytes.length);
  switch (below(4)) {
    case 0: bytes[at] ^= 1 + below(255); return bytes;
    case 1: return bytes.subarray(0, at);
    case 2: return Buffer.concat([bytes.subarray(0, at), Buffer.from(one(COOKIES).text).subarray(below(500))]);
    default: return Buffer.from(Array.from({ length: one([0, 1, 43, 44, 46, 300, 4095, 4096, 4097, 5000]) }, () => (below(4) ? 0x61 + below(26) : below(256))));
  }
}

class Model {
  #exports = new WebAssembly.Instance(module, {}).exports;
  #input = Buffer.alloc(0);
  #pending = []; // secrets for the next open
  #opened; // { secrets, maxAge, name }
  memory = 0;

  // Lends a buffer and writes the bytes, or only some of them. Or does not, and the buffer stays.
  lend(bytes) {
    const capacity = below(8) ? bytes.length : one([0, 1, bytes.length + 10, MAX_INPUT, MAX_INPUT + 1, 2 ** 31, 2 ** 32 - 1, -1, NaN, 1e300]);
    const address = this.#exports.input(capacity);
    const length = capacity >>> 0;
    if (length > MAX_INPUT) {
      assert.equal(address, 0);
      this.#input = Buffer.alloc(0);
      return;
    }
    assert.ok(address > 0 && address + length <= this.#exports.memory.buffer.byteLength);
    const buffer = new Uint8Array(this.#exports.memory.buffer, address, length);
    assert.ok(buffer.every((byte) => byte === 0)); // nothing of another call
    buffer.set(bytes.subarray(0, length));
    this.#input = Buffer.from(buffer);
  }

  // Calls an export that replies. `length` is that of the argument in the buffer.
  #call(name, ...given) {
    const address = this.#exports[name](...given);
    const { buffer } = this.#exports.memory;
    assert.ok(address % 8 === 0 && address > 0 && address + 32 <= buffer.byteLength);
    const view = new DataView(buffer, address, 32);
    const [ok, start, length, keyIndex] = [0, 4, 8, 12].map((offset) => view.getUint32(offset, true));
    assert.ok(ok <= 1 && start + length <= buffer.byteLength);
    const text = Buffer.from(buffer, start, length).toString();
    this.memory = Math.max(this.memory, buffer.byteLength);
    return ok ? { text, keyIndex, issuedAt: view.getFloat64(16, true), age: view.getFloat64(24, true) } : { reason: text };
  }

  addSecret(length) {
    const argument = this.#argument(length);
    const { reason } = this.#call("add_secret", length);
    this.#input.fill(0, 0, argument?.length ?? 0); // wiped
    const index = SECRETS.findIndex((secret) => argument?.equals(Buffer.from(secret)));
    if (index >= 0) {
      assert.equal(reason, undefined);
      this.#pending.push(index);
    } else if (reason === undefined) {
      this.#pending.push(undefined); // by chance a good one, but nothing is signed with it
    } else {
      assert.equal(reason, argument === undefined ? "EmptyKey" : (REFUSED[argument] ?? reason));
      assert.match(reason, /^(Empty|Short|Repetitive|Untrimmed|Insecure)Key$/);
    }
  }

  open(length, maxAge, compress) {
    const argument = this.#argument(length);
    const { reason } = this.#call("open", length, maxAge, compress);
    if (argument === undefined || !isText(argument)) return assert.equal(reason, "InvalidCookieName");
    if (this.#pending.length === 0) return assert.equal(reason, "EmptyKey");
    assert.equal(reason, undefined);
    const milliseconds = Math.min(Math.max(Math.trunc(maxAge * 1000) || 0, 0), 2 ** 64);
    this.#opened = { secrets: this.#pending, maxAge: maxAge === Infinity ? Infinity : milliseconds / 1000, name: argument.toString() };
    this.#pending = [];
  }

  verify(length, now) {
    const argument = this.#argument(length);
    const reply = this.#call("verify", length, now);
    if (argument === undefined || !isText(argument)) return assert.deepEqual(reply, { reason: "BadSignature" });
    this.#check(reply, argument.toString(), now);
  }

  // Of the headers, only those with one cookie have an answer here. Any session is one that a secret signed.
  verifyHeader(length, now) {
    const argument = this.#argument(length);
    const reply = this.#call("verify_header", length, now);
    if (argument === undefined) return assert.deepEqual(reply, { reason: "BadSignature" });
    if (this.#opened === undefined) return assert.deepEqual(reply, { reason: "EmptyKey" });
    const header = argument.toString();
    const single = /^theme=dark; ([a-z]+)=([\w.:-]+)$/.exec(header);
    if (single && single[1] === this.#opened.name) return this.#check(reply, single[2], now);
    if (single) return assert.deepEqual(reply, { reason: "NoCookie" });
    if (reply.reason === undefined) assert.ok(COOKIES.some(({ text, json }) => json === reply.text && header.includes(text)));
  }

  encode(length, now) {
    const argument = this.#argument(length);
    const { text, reason } = this.#call("encode", length, now);
    if (this.#opened === undefined) return assert.equal(reason, "EmptyKey");
    if (argument === undefined || !isText(argument)) return assert.equal(reason, "MalformedJson");
    if (reason !== undefined) return assert.match(reason, /^[A-Z][A-Za-z]+$/);
    const [payload, stamp] = text.split(":");
    const [secret] = this.#opened.secrets;
    if (secret !== undefined) assert.equal(text, signed(payload, { key: SECRETS[secret], stamp }));
    assert.ok(text.length <= 4096);
  }

  #argument(length) {
    return length >>> 0 <= this.#input.length ? Buffer.from(this.#input.subarray(0, length >>> 0)) : undefined;
  }

  // Compares the reply about one cookie with its answer.
  #check(reply, text, now) {
    if (this.#opened === undefined) return assert.deepEqual(reply, { reason: "EmptyKey" });
    const { secrets, maxAge } = this.#opened;
    const cookie = COOKIES.find((it) => it.text === text);
    if (Buffer.byteLength(text) > 4096) return assert.deepEqual(reply, { reason: "TooLong" });
    if (cookie === undefined || !secrets.includes(cookie.secret)) return assert.match(reply.reason, /^(BadSignature|NotSigned)$/, text);
    const { status, json, own, secret } = cookie;
    const isDated = status !== "MalformedStamp" && status !== "TimeOutOfRange";
    const age = Number.isNaN(now) ? Infinity : Math.max(0, Math.min(Math.trunc(now * 1e6), 2 ** 63) / 1e6 - NOW);
    const reason =
      isDated && age > maxAge ? "Expired"
      : json.length > 64 * 1024 ? "JsonTooLong"
      : status !== "Ok" ? status
      : own >= 0 && age > own ? "SessionExpired"
      : undefined;
    assert.equal(reply.reason, reason, `${text} at ${now}`);
    if (reason === undefined) {
      assert.deepEqual([reply.text, reply.keyIndex, reply.issuedAt], [json, secrets.indexOf(secret), NOW]);
      if (age < 1e9) assert.equal(reply.age, age);
    }
  }
}

function call(model) {
  const cookie = () => (below(3) ? Buffer.from(one(COOKIES).text) : mangled());
  const [name, bytes] = one([
    () => ["addSecret", Buffer.from(below(4) ? one(SECRETS) : one(Object.keys(REFUSED)))],
    () => ["open", Buffer.from(one(["sessionid", "sid", "\xff"]), below(8) ? "utf8" : "latin1")],
    ...Array(10).fill(() => ["verify", cookie()]),
    ...Array(5).fill(() => ["verifyHeader", Buffer.concat([Buffer.from(`theme=dark; ${one(["sessionid", "sid"])}=`), cookie(), below(4) ? Buffer.alloc(0) : mangled()])]),
    ...Array(5).fill(() => ["encode", below(4) ? Buffer.from(one(COOKIES).json) : mangled()]),
  ])();
  // Most calls have a buffer of their own. The others find what is left of the last one.
  if (below(8)) model.lend(bytes);
  const length = below(8) ? bytes.length : one([0, 1, 10, 2 ** 31, 2 ** 32 - 1, -1, NaN, 1e300]);
  const clock = below(4) ? NOW + 60 : one([NOW, NOW + 0.5, NOW + 61, NOW + TWO_WEEKS, NOW + TWO_WEEKS + 0.5, 0, -1, NaN, Infinity, -Infinity, 1e300, -1e300, 2 ** 53]);
  if (name === "addSecret") model.addSecret(length);
  else if (name === "open") model.open(length, below(4) ? TWO_WEEKS : one([0, 0.5, -1, NaN, Infinity, -Infinity, 1e300]), one([0, 1, -1, 2 ** 32 - 1]));
  else model[name](length, clock);
}

test("arbitrary calls get the answers of the docs", () => {
  let memory = 0;
  for (let rest = CALLS; rest > 0; rest -= CALLS_OF_AN_INSTANCE) {
    const model = new Model();
    for (let n = 0; n < CALLS_OF_AN_INSTANCE; n += 1) {
      try {
        call(model);
      } catch (error) {
        error.message += ` (SEED=${SEED}, ${CALLS - rest + n} calls before)`;
        throw error;
      }
    }
    memory = Math.max(memory, model.memory);
  }
  assert.ok(memory <= MAX_MEMORY, `${memory} bytes`);
  console.log(`${CALLS} arbitrary calls of the module: answered as the docs say, no trap, at most ${memory / 1024} KB (SEED=${SEED})`);
});

test("calls that are refused, or have no buffer of their own, take no more memory", () => {
  const { exports } = new WebAssembly.Instance(module, {});
  const given = (text) => new Uint8Array(exports.memory.buffer, exports.input(text.length), text.length).set(Buffer.from(text));
  given(SECRETS[0]);
  exports.add_secret(SECRETS[0].length);
  given("sessionid");
  exports.open(9, TWO_WEEKS, 1);
  const json = `{"a":"${"a".repeat(2000)}"}`;
  const { text } = COOKIES.find((cookie) => cookie.json.length > 1500);
  const calls = [
    ["verify", text, NOW],
    ["verify_header", `sessionid=${text}`, NOW],
    ["encode", json, NOW],
    ["add_secret", "a".repeat(2000)],
    ["open", "a".repeat(2000), TWO_WEEKS, 1],
  ];
  const all = () => {
    for (const [name, argument, ...rest] of calls) {
      given(argument);
      for (let n = 0; n < 2000; n += 1) exports[name](argument.length, ...rest);
    }
    return exports.memory.buffer.byteLength;
  };
  for (const [name, argument, ...rest] of calls) {
    given(argument);
    exports[name](argument.length, ...rest);
  }
  const once = exports.memory.buffer.byteLength;
  assert.equal(all(), once);
});

// The C library under arbitrary calls, with the address sanitizer on both sides. CALLS sets their number, SEED the first seed.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { KEY, NOW, OTHER_KEY, compressed, plain, signed } from "../signed.mjs";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const OUT = path("../../target/native/");
const TARGET = "x86_64-unknown-linux-gnu";

const CALLS = Number(process.env.CALLS ?? 50_000);
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);

// The secrets of calls.c that are good.
const SECRETS = [KEY, OTHER_KEY, Buffer.from("\xff\xfe bytes that are not text, and enough of them \x80", "latin1"), "just-32-bytes-long-0123456789abc"];
// Of hardtack.h.
const STATUS = {
  Ok: 0, MalformedStamp: 15, TimeOutOfRange: 16, MalformedExpiry: 17, MalformedBase64: 18, MalformedZlib: 19, MalformedJson: 20,
  TooDeep: 22, IntegerTooLong: 23, NotAnObject: 24, LoneSurrogate: 25, NotFound: 26, WrongType: 27,
};

// A line for each cookie: the secret, when it was signed, its own expiry, the length of its JSON, its answers, and itself.
function lines() {
  const all = [];
  const add = (text, { secret = 0, own = -1, length = 0, status = "Ok", user = "NotFound", id = "", value = "" } = {}) =>
    all.push([secret, NOW, own, length, STATUS[status], STATUS[user], id, value, text].join("\t"));
  for (const [secret, key] of SECRETS.entries()) {
    const good = (json, answers) => {
      for (const write of [plain, compressed]) add(write(json, { key }), { secret, length: Buffer.byteLength(json), ...answers });
    };
    const id = String(secret).repeat(3);
    const login = { user: "Ok", id, value: `"${id}"` };
    good(`{"_auth_user_id":"${id}"}`, login);
    good(`{"_auth_user_id":"${id}","_session_expiry":60}`, { ...login, own: 60 });
    good(`{"_auth_user_id":"${id}","cart":"${"a".repeat(1500)}"}`, login);
    good('{"cart":[1]}');
  }
  const escaped = '{"_auth_user_id":"Zo\\u00eb"}';
  add(plain(escaped), { length: escaped.length, user: "Ok", id: "Zoë", value: '"Zo\\u00eb"' });
  add(plain('{"_auth_user_id":7}'), { user: "WrongType", value: "7" });
  add(plain('{"_auth_user_id":"4\\u00002"}'), { user: "WrongType", value: '"4\\u00002"' });
  add(plain('{"_auth_user_id":"4","_session_expiry":true}'), { status: "MalformedExpiry" });
  add(plain("[]"), { status: "NotAnObject" });
  add(plain("{]"), { status: "MalformedJson" });
  add(plain('{"\\ud800":1}'), { status: "LoneSurrogate" });
  add(plain(`{"a":${"[".repeat(128)}${"]".repeat(128)}}`), { status: "TooDeep" });
  add(compressed(`{"a":${"1".repeat(4301)}}`), { length: 4307, status: "IntegerTooLong" });
  add(compressed(`{"a":"${"a".repeat(1_000_000)}"}`), { length: 1_000_008 });
  add(signed("a="), { status: "MalformedBase64" });
  add(signed(".aaaa"), { status: "MalformedZlib" });
  add(signed("e30", { stamp: "?" }), { status: "MalformedStamp" });
  add(signed("e30", { at: NOW * 1000 }), { status: "TimeOutOfRange" });
  return all.map((line) => `${line}\n`).join("");
}

test("arbitrary calls get the answers of the header", () => {
  mkdirSync(OUT, { recursive: true });
  execFileSync("cargo", [
    ..."+nightly build --quiet --locked --target".split(" "), TARGET,
    "--manifest-path", path("../../examples/native/Cargo.toml"), "--target-dir", `${OUT}sanitized`,
  ], { stdio: "inherit", env: { ...process.env, RUSTFLAGS: "-Zsanitizer=address" } });
  const program = `${OUT}calls`;
  execFileSync("cc", [
    ..."-std=c11 -g -O1 -Wall -Wextra -Wpedantic -Werror -fsanitize=address,undefined -fno-sanitize-recover -Wl,--gc-sections".split(" "),
    `-I${path("../../examples/native/")}`, "-o", program, path("calls.c"), `${OUT}sanitized/${TARGET}/debug/libhardtack_native.a`,
  ]);
  const { status, signal, stdout, stderr } = spawnSync(program, [String(SEED), String(CALLS)], { input: lines(), encoding: "utf8" });
  assert.equal(stderr, "", `SEED=${SEED}`);
  assert.deepEqual([status, signal], [0, null], `SEED=${SEED}`);
  console.log(`${stdout.trim()}, as the header says, no report of the sanitizers (SEED=${SEED})`);
});

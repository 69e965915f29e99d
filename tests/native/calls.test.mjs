// The C library under arbitrary calls, with the address sanitizer on both sides. CALLS sets their number, SEED the first seed.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { answered } from "../answered.mjs";
import { NOW } from "../signed.mjs";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const OUT = path("../../target/native/");
const [, HOST] = /^host: (.*)$/m.exec(execFileSync("rustc", ["+nightly", "-vV"], { encoding: "utf8" }));

const CALLS = Number(process.env.CALLS ?? 50_000);
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);

// Of hardtack.h.
const STATUS = {
  Ok: 0, MalformedStamp: 15, TimeOutOfRange: 16, MalformedExpiry: 17, MalformedBase64: 18, MalformedZlib: 19, MalformedJson: 20,
  TooDeep: 22, IntegerTooLong: 23, NotAnObject: 24, LoneSurrogate: 25, NotFound: 26, WrongType: 27,
};

// A line for each cookie: the secret, when it was signed, its own expiry, the length of its JSON, its answers, and itself.
const line = ({ text, secret, json, own, status, user, id, value }) =>
  [secret, NOW, own, Buffer.byteLength(json), STATUS[status], STATUS[user], id, value, text].join("\t");

test("arbitrary calls get the answers of the header", () => {
  mkdirSync(OUT, { recursive: true });
  execFileSync("cargo", [
    ..."+nightly build --quiet --locked --target".split(" "), HOST,
    "--manifest-path", path("../../examples/native/Cargo.toml"), "--target-dir", `${OUT}sanitized`,
  ], { stdio: "inherit", env: { ...process.env, RUSTFLAGS: "-Zsanitizer=address" } });
  const program = `${OUT}calls`;
  execFileSync("cc", [
    ..."-std=c11 -g -O1 -Wall -Wextra -Wpedantic -Werror -fsanitize=address,undefined -fno-sanitize-recover -Wl,--gc-sections".split(" "),
    `-I${path("../../examples/native/")}`, "-o", program, path("calls.c"), `${OUT}sanitized/${HOST}/debug/libhardtack_native.a`,
  ]);
  const { status, signal, stdout, stderr } = spawnSync(program, [String(SEED), String(CALLS)], { input: answered().map(line).join("\n"), encoding: "utf8" });
  assert.equal(stderr, "", `SEED=${SEED}`);
  assert.deepEqual([status, signal], [0, null], `SEED=${SEED}`);
  console.log(`${stdout.trim()}, as the header says, no report of the sanitizers (SEED=${SEED})`);
});

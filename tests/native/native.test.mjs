// The C library, used by a program in C.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { KEY, NOW, OTHER_KEY, compressed, djangoSessions, plain, signed } from "../signed.mjs";

const LIBRARY = fileURLToPath(new URL("../../examples/native/", import.meta.url));
const OUT = fileURLToPath(new URL("../../target/native/", import.meta.url));
const LONGEST_JSON = Math.floor((256 - 32) * 1024 / 40); // of the 256 KiB of main.c

function run(cookie, { now = NOW + 60, env = {} } = {}) {
  const { status, stdout, stderr } = spawnSync(`${LIBRARY}session`, [cookie, String(now)], {
    env: { SECRET_KEY: KEY, ...env },
    encoding: "utf8",
  });
  assert.ok(status === 0 || status === 1, `ended with ${status}: ${stderr}`);
  return (status === 0 ? stdout : stderr).trim();
}
const user = (id) => `user ${id}`;
const refused = (name) => `no user is logged in: ${name}`;

before(() => {
  execFileSync("make", ["-C", LIBRARY], { stdio: "inherit" });
});

test("cookies", () => {
  const json = '{"_auth_user_id":"42"}';
  assert.equal(run(plain(json)), user("42"));
  assert.equal(run(compressed(json)), user("42"));
  assert.equal(run(`${plain(json)}x`), refused("BadSignature"));
  assert.equal(run(plain(json, { key: OTHER_KEY })), refused("BadSignature"));
  assert.equal(run(plain(json, { key: OTHER_KEY }), { env: { SECRET_KEY_FALLBACK: OTHER_KEY } }), user("42"));
  assert.equal(run(plain(json), { now: NOW + 1_209_600 }), user("42"));
  assert.equal(run(plain(json), { now: NOW + 1_209_601 }), refused("Expired"));
  assert.equal(run(plain('{"_auth_user_id":"42","_session_expiry":59}')), refused("SessionExpired"));
  assert.equal(run(plain('{"_auth_user_id":"42","_session_expiry":true}')), refused("MalformedExpiry"));
  assert.equal(run(plain('{"cart":[1]}')), refused("NotFound"));
  assert.equal(run(plain('{"_auth_user_id":42}')), refused("WrongType"));
  assert.equal(run(plain('{"_auth_user_id":"4\\u00002"}')), refused("WrongType"));
  assert.equal(run(plain('{"_auth_user_id":"Zo\\u00eb"}')), user("Zoë"));
  assert.equal(run(plain(`{"_auth_user_id":"${"7".repeat(64)}"}`)), refused("BufferTooSmall"));
  assert.equal(run(plain("[]")), refused("NotAnObject"));
  assert.equal(run(plain("{]")), refused("MalformedJson"));
  assert.equal(run(signed("a=")), refused("MalformedBase64"));
  assert.equal(run(signed(".aaaa")), refused("MalformedZlib"));
  assert.equal(run(signed("e30", { stamp: "?" })), refused("MalformedStamp"));
  assert.equal(run(signed("e30", { at: NOW * 1000 })), refused("TimeOutOfRange"));
  assert.equal(run("a".repeat(4097)), refused("TooLong"));
  for (const cookie of ["", "wr8ow3ej5xwmi7mq2v8fd1j5mmgrhqf4", `a:${"b".repeat(43)}`]) assert.equal(run(cookie), refused("NotSigned"));
  assert.equal(run(`a:b:${"c".repeat(43)}`), refused("BadSignature"));
  // ISO texts, up to their instant and not beyond.
  for (const text of ["2023-11-14T22:14:20Z", "2023-11-14 22:14:20.000Z", "20231114T2214Z", "2023-11-15T00:14:20+02", "2023-11-14T22:14:20+00:00"]) {
    const cookie = plain(`{"_auth_user_id":"42","_session_expiry":"${text}"}`);
    assert.equal(run(cookie, { now: NOW + (text.endsWith("14Z") ? 40 : 60) }), user("42"), text);
    assert.equal(run(cookie, { now: NOW + 61 }), refused("SessionExpired"), text);
  }
  for (const text of ["soon", "2023-11-14", "2023-11-14T22:14:20"]) {
    assert.equal(run(plain(`{"_auth_user_id":"42","_session_expiry":"${text}"}`)), refused("MalformedExpiry"), text);
  }
});

test("cookies that Django made", () => {
  let logins = 0;
  for (const { name, cookie, keys, key, now, json } of djangoSessions()) {
    if (key > 1) continue; // the program takes two keys
    const env = { SECRET_KEY: keys[0].text, ...(keys[1] && { SECRET_KEY_FALLBACK: keys[1].text }) };
    const [, id] = /"_auth_user_id":"(\w+)"/.exec(json) ?? [];
    logins += id !== undefined;
    const expected =
      cookie.length > 4096 ? refused("TooLong")
      : json.length > LONGEST_JSON ? refused("JsonTooLong")
      : id === undefined ? refused("NotFound")
      : user(id);
    assert.equal(run(cookie, { now: Math.floor(now), env }), expected, name);
  }
  assert.ok(logins > 0);
});

test("secrets", () => {
  const of = (SECRET_KEY) => run("", { env: { SECRET_KEY } });
  assert.equal(of(""), "the secrets are refused: EmptyKey");
  assert.equal(of("short"), "the secrets are refused: ShortKey");
  assert.equal(of("a".repeat(50)), "the secrets are refused: RepetitiveKey");
  assert.equal(of(`django-insecure-${KEY}`), "the secrets are refused: InsecureKey");
  for (const margin of ["\n", "\r\n", " ", "\ufeff"]) {
    assert.equal(of(KEY + margin), "the secrets are refused: UntrimmedKey");
    assert.equal(of(margin + KEY), "the secrets are refused: UntrimmedKey");
  }
});

// A holder of the key may sign a session that takes as much memory as possible: the program must answer, and not end.
test("sessions that take the most memory", () => {
  const shapes = {
    "one key, again and again": () => '"":0',
    "many short keys": (at) => `"${at.toString(36)}":0`,
    "white space": (at) => ` "${at.toString(36)}": 0 `,
    "text that is not ASCII": (at) => `"é${at.toString(36)}":"éé"`,
    "escapes that Python spells otherwise": (at) => `"\\u0061${at.toString(36)}":"\\/"`,
    "one long text": (at) => (at === 0 ? `"k":"${"é".repeat(LONGEST_JSON / 2 - 20)}"` : null),
    "deep": (at) => (at === 0 ? `"k":${"[".repeat(127)}${"]".repeat(127)}` : null),
  };
  for (const [name, member] of Object.entries(shapes)) {
    let members = "";
    for (let at = 0; ; at++) {
      const next = member(at);
      if (next === null || Buffer.byteLength(`{${members},${next}}`) > LONGEST_JSON) break;
      members += (at > 0 ? "," : "") + next;
    }
    const longest = `{${members}}`.padEnd(LONGEST_JSON - (Buffer.byteLength(members) - members.length));
    assert.equal(Buffer.byteLength(longest), LONGEST_JSON);
    assert.equal(run(compressed(longest)), refused("NotFound"), name);
    assert.equal(run(compressed(`${longest} `)), refused("JsonTooLong"), name);
  }
  assert.equal(run(compressed(`{"k":"${"a".repeat(3_000_000)}"}`)), refused("JsonTooLong"));
});

test("a caller's mistakes are refused", () => {
  mkdirSync(OUT, { recursive: true });
  const program = `${OUT}misuse`;
  const source = fileURLToPath(new URL("misuse.c", import.meta.url));
  execFileSync("cc", [
    ..."-std=c11 -g -Wall -Wextra -Wpedantic -Werror -pthread -fsanitize=address,undefined -Wl,--gc-sections".split(" "),
    `-I${LIBRARY}`, "-o", program, source, `${LIBRARY}target/release/libhardtack_native.a`,
  ]);
  const { status, stdout, stderr } = spawnSync(program, [plain('{"_auth_user_id":"42"}'), KEY], { encoding: "utf8" });
  assert.equal(stderr, "");
  assert.equal(status, 0);

  const header = readFileSync(`${LIBRARY}hardtack.h`, "utf8");
  const listed = [...header.matchAll(/^ {4}HARDTACK_([A-Z0-9_]+) = (\d+)/gm)].map(([, constant, number]) => {
    const name = constant.split("_").map((word) => word[0] + word.slice(1).toLowerCase()).join("");
    return `${number} ${name}`;
  });
  assert.deepEqual(stdout.trim().split("\n"), listed);
});

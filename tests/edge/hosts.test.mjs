// Node, workerd and Chromium say of each cookie what the native crate says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Codec, module } from "../../examples/edge/node.mjs";
import { CASES, NOW, OLD, SECRET } from "./cases.mjs";
import { chromium, node, serve, workerd } from "./hosts.mjs";
import { assertSame, native } from "./native.mjs";

const secrets = [SECRET, OLD];
const expected = native(CASES.map(({ cookie }) => cookie));

test("the set holds what it promises", () => {
  const reasons = new Set(expected.map(({ reason }) => reason ?? "good"));
  for (const reason of ["good", "NotSigned", "BadSignature", "Expired", "SessionExpired", "MalformedExpiry", "TooLong", "MalformedBase64", "MalformedZlib", "MalformedJson", "NotAnObject", "TooDeep"]) {
    assert.ok(reasons.has(reason), reason);
  }
  assert.deepEqual(new Set(expected.map(({ keyIndex }) => keyIndex)), new Set([0, 1, undefined]));
});

for (const start of [async () => node, workerd, chromium]) {
  test(`the same answers: ${start.name || "Node"}`, async (t) => {
    const host = await start();
    t.after(host.stop);
    const calls = CASES.flatMap(({ cookie }) => [
      ["verify", cookie, NOW],
      ["verifyHeader", `theme=dark; sessionid=${cookie}`, NOW],
    ]);
    const answers = await host.ask({ secrets, calls });
    for (const [index, { name }] of CASES.entries()) {
      assertSame(answers[2 * index], expected[index], `${name}: verify`);
      assertSame(answers[2 * index + 1], expected[index], `${name}: verifyHeader`);
    }
    console.log(`${host.name}: ${CASES.length} cookies, the same answers as the native crate`);
  });

  test(`headers: ${start.name || "Node"}`, async (t) => {
    const host = await start();
    t.after(host.stop);
    const [{ cookie: good }] = CASES;
    const rotated = CASES.find(({ name }) => name === "rotated").cookie;
    const younger = new Codec(module, [OLD]).encode("{}", NOW - 1).value;
    const headers = [
      [`sessionid=${good}`, 0],
      [`sessionid=${rotated}; sessionid=${good}`, 0],
      [`sessionid=${good}; sessionid=${rotated}`, 1],
      [`sessionid=${good}; sessionid=${younger}`, 1],
      [`sessionid=${younger}; sessionid=${good}`, 1],
      [`sessionid=${good}; sessionid=forged`, 0],
      [`sessionid="${good}"`, 0],
      [`sessionid=${good}${"; sessionid=forged".repeat(7)}`, 0],
      [`sessionid=${good}${"; sessionid=forged".repeat(8)}`, "NotSigned"], // eight are looked at
      [`Sessionid=${good}`, "NoCookie"],
      [`session=${good}`, "NoCookie"],
      ["", "NoCookie"],
      [null, "NoCookie"],
      ["sessionid=", "NotSigned"],
      [";;;=;sessionid", "NoCookie"],
      [`sessionid=${good}; ${"x".repeat(1_000_000)}`, "TooLong"],
    ];
    const answers = await host.ask({ secrets, calls: headers.map(([header]) => ["verifyHeader", header, NOW]) });
    const outcomes = answers.map(({ keyIndex, reason }) => reason ?? keyIndex);
    assert.deepEqual(outcomes, headers.map(([, outcome]) => outcome));

    const named = await host.ask({ secrets, options: { cookieName: "__Host-id" }, calls: [["verifyHeader", `__Host-id=${good}`, NOW]] });
    assert.equal(named[0].keyIndex, 0);
  });
}

test("a workerd that ends at its start is an error with its output", async () => {
  await assert.rejects(serve("missing.capnp"), /^Error: workerd ended with 1: .*missing\.capnp/s);
});

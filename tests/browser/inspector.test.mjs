// The inspector in a real browser, served by a real static server.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, beforeEach, test } from "node:test";
import { KEY, OTHER_KEY, compressed, djangoSessions, plain, signed } from "../signed.mjs";
import { launch, screenshot } from "./chromium.mjs";
import { start } from "./program.mjs";

const LOGIN = '{"_auth_user_id":"42","name":"Zo\\u00eb"}';
const now = () => Math.floor(Date.now() / 1000);

let server, browser, page, requests, complaints;

before(async () => {
  const serve = ["-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", "examples/inspector/dist", "0"];
  server = await start("python3", serve);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

// Each test has a page of its own. Nothing may go out once it is there, and nothing may be complained about.
beforeEach(async (context) => {
  complaints = [];
  page = await browser.newPage();
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => complaints.push(message.text()));
  page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`) && dialog.dismiss());
  await page.goto(server.address);
  await page.locator("html[data-ready]").waitFor();
  requests = [];
  page.on("request", (request) => requests.push(request.url()));
  context.after(async () => {
    assert.deepEqual(requests, []);
    assert.deepEqual(complaints, []);
    await page.close();
  });
});

const text = (selector) => page.locator(selector).innerText();
const verdict = () => text("#verdict");
const tags = () => page.locator(".tag").allInnerTexts();
async function paste(cookie, secret = "", fallbacks = "") {
  await page.locator("#secret").fill(secret);
  if (fallbacks !== "") await page.locator("#rotation > summary").click();
  if (fallbacks !== "") await page.locator("#fallbacks").fill(fallbacks);
  await page.locator("#cookie").fill(cookie);
}

test("a good cookie", async () => {
  const cookie = plain(LOGIN, { at: now() - 90 });
  await paste(cookie);
  assert.match(await verdict(), /^Not verified\s+Anyone could have written this/);
  assert.deepEqual(await tags(), ["not verified", "not verified", "not verified"]);
  assert.match(await text(".tree"), /_auth_user_id: "42"\s+name: "Zoë"/);

  await paste(cookie, KEY);
  assert.match(await verdict(), /^Good signature\s+Signed by the secret key, and valid now\.$/);
  assert.deepEqual(await tags(), ["verified", "verified", "verified"]);
  assert.match(await text(".tree"), /_auth_user_id: "42"\s+name: "Zoë"/);
  assert.match(await text("dl"), /Signed\s+20.* UTC, 1 minute 3\d seconds ago/);
  assert.match(await text("dl"), /Expires\s+20.* UTC, in 13 days 23 hours \(Django's two weeks\)/);
  assert.match(await text("dl"), /40 bytes, not compressed/);
  const [payload, stamp, signature] = cookie.split(":");
  assert.equal(await text(".cookie .payload"), payload);
  assert.equal(await text(".cookie .stamp"), stamp);
  assert.equal(await text(".cookie .signature"), signature);
  assert.match(await text("table"), /_auth_user_id\s+21\s+name\s+18/);
});

test("a compressed cookie", async () => {
  await paste(compressed(`{"name":"${"Zo\\u00eb ".repeat(300)}"}`, { at: now() }), KEY);
  assert.match(await verdict(), /^Good signature/);
  assert.match(await text("dl"), /2,711 bytes, compressed/);
  assert.match(await text(".tree"), /name: "Zoë Zoë/);
  assert.match(await text("#result"), /so the bars are estimates/);
  await paste(`${compressed('{"name":"Zoe Zoe Zoe Zoe Zoe Zoe Zoe Zoe Zoe Zoe"}', { at: now() })}==`, KEY);
  assert.match(await verdict(), /^A signed text of Django with something after it/);
  assert.match(await text("dl"), /50 bytes, compressed/);
});

test("a forged cookie", async () => {
  const good = plain(LOGIN, { at: now() });
  for (const forged of [plain(LOGIN, { at: now(), key: OTHER_KEY }), good.replace(/^eyJ/, "eyK"), good.slice(0, -43) + "A".repeat(43)]) {
    await paste(forged, KEY);
    assert.match(await verdict(), /^Refused: BadSignature/);
    assert.deepEqual([...new Set(await tags())], ["not verified"]);
  }
});

test("a cookie of a fallback key", async () => {
  const cookie = plain(LOGIN, { at: now(), key: OTHER_KEY });
  await paste(cookie, KEY, `the-first-fallback-key-that-signs-nothing-here-01\n${OTHER_KEY}\n`);
  assert.match(await verdict(), /^Good signature\s+Signed by fallback key 2, .*Send a fresh cookie/);
});

test("fallback keys as settings have them", async () => {
  const cookie = plain(LOGIN, { at: now(), key: OTHER_KEY });
  await paste(cookie, KEY, `SECRET_KEY_FALLBACKS = [\n  "a-key-that-signs-nothing-here-0123456789",\n  "${OTHER_KEY}",\n]`);
  assert.match(await verdict(), /^Good signature\s+Signed by fallback key 2/);
  await page.locator("#secret").fill('SECRET_KEY = os.environ["SECRET_KEY"]');
  assert.match(await text("#refused"), /^The secret key is refused: It is not in this text: an expression/);
});

test("expired cookies", async () => {
  await paste(plain(LOGIN, { at: now() - 1_209_700 }), KEY);
  assert.match(await verdict(), /^Refused: Expired\s+The signature is good, by the secret key\. +It was signed 14 days ago\. The max age is 14 days\./);
  assert.deepEqual([...new Set(await tags())], ["verified"]);
  assert.match(await text("dl"), /Expired\s+20.* UTC, 1 minute 4\d seconds ago/);

  await paste(plain('{"a":1,"_session_expiry":300}', { at: now() - 420 }), KEY);
  assert.match(await verdict(), /^Refused: SessionExpired\s+The signature is good, by the secret key\./);
  assert.match(await text("dl"), /Expired\s+20.* UTC, 2 minutes( \d seconds?)? ago \(the session's own expiry\)/);

  const at = new Date(Date.now() + 3_700_000).toISOString().replace("Z", "123+00:00");
  await paste(plain(`{"_session_expiry":"${at}"}`, { at: now() }), KEY);
  assert.match(await verdict(), /^Good signature/);
  assert.match(await text("dl"), /Expires\s+20.* UTC, in 1 hour 1 minute \(the session's own expiry\)/);
});

test("cookies that Django made", async () => {
  for (const { name, cookie, keys, key, now, json } of djangoSessions()) {
    await page.clock.setFixedTime(now * 1000);
    const [secret, ...fallbacks] = keys.map(({ text }) => text);
    await page.locator("#fallbacks").evaluate((area, text) => (area.value = text), fallbacks.join("\n"));
    await page.locator("#secret").fill(secret);
    await page.locator("#cookie").fill(cookie);
    const by = key === 0 ? "the secret key" : `fallback key ${key}`;
      const expected = cookie.length > 4096 ? /^Refused: TooLong/ : new RegExp(`^Good signature\\s+Signed by ${by},`);
    assert.match(await verdict(), expected, name);
    assert.ok((await text("dl")).includes(`${json.length.toLocaleString("en")} bytes, `), name);
    assert.equal(await page.locator(".problem").count(), 0, name);
  }
});

test("weak keys verify, with a warning", async () => {
  const key = "django-insecure-0123456789abcdefghijklmnopqrst";
  await paste(plain(LOGIN, { at: now(), key }), key);
  assert.equal(await text("#weak"), "The secret key is too weak for production. It starts with django-insecure-, as startproject makes it for development.");
  assert.match(await verdict(), /^Good signature\s+Signed by the secret key, and valid now\.$/);
  await paste(plain(LOGIN, { at: now() }), KEY, "short");
  assert.match(await text("#weak"), /^Fallback key 1 is too weak for production. It has under 32 bytes/);
  assert.match(await verdict(), /^Good signature/);
  await paste(plain(LOGIN, { at: now() }), "SECRET_KEY=");
  assert.match(await text("#refused"), /^The secret key is refused: It is empty/);
  assert.match(await verdict(), /^Not verified/);
});

test("a key is trimmed, and the page says so", async () => {
  const cookie = plain(LOGIN, { at: now() });
  for (const [around, removed] of [
    [` ${KEY} `, "white space"],
    [`'${KEY}'`, "quotes"],
    [`SECRET_KEY = "${KEY}"`, '"SECRET_KEY =" and quotes'],
    [`export SECRET_KEY=${KEY}`, '"SECRET_KEY ="'],
  ]) {
    await paste(cookie, around);
    assert.equal(await text("#trimmed"), `Took ${removed} off the secret key.`);
    assert.match(await verdict(), /^Good signature/, around);
  }
  await paste(cookie, KEY);
  assert.equal(await text("#trimmed"), "");
});

// The same cases as those of the program.
test("what people paste", async () => {
  const { key, now: signedAt, cases } = JSON.parse(readFileSync(new URL("../../examples/inspect/tests/cases.json", import.meta.url), "utf8"));
  await page.clock.setFixedTime((signedAt + 60) * 1000);
  const titles = {};
  let met = 0;
  for (const { id, paste: pasted, kind, proven, name, value, salt, met: isMet } of cases) {
    await paste(pasted);
    const seen = await text("main");
    const isSession = kind === "session";
    assert.doesNotMatch(seen, /[’“”]/, id);
    assert.equal(/Not verified/.test(await verdict()), ["session", "unreadable", "pickle", "messages", "tail"].includes(kind) || /^signed|^signer/.test(kind ?? ""), id);
    if (kind === null) assert.match(seen, pasted.trim() === "" ? /^/ : /Nothing that this page knows/, id);
    else if (["secret-key", "password-hash", "deleted"].includes(kind)) assert.equal(await text("#result"), "", id);
    if (name !== undefined && value !== undefined) assert.ok((await text("#found")).startsWith(`Found the cookie ${name}`), id);
    if (value !== undefined) assert.equal(await text(".cookie"), value, id);
    if (isSession) assert.ok((await page.locator(".tree").count()) === 1, id);
    // One title for each kind, and another one for each other kind.
    if (kind !== null) titles[kind] ??= await page.locator(".verdict.other strong, dl dd").first().innerText();
    if (kind !== null) assert.ok(seen.includes(titles[kind].split("\n")[0]), `${id}: ${seen}`);
    met += isMet ? 1 : 0;

    if (salt === undefined && value === undefined) continue;
    await page.locator("#secret").fill(key);
    if (id === "stranger") assert.match(await verdict(), /^Refused: BadSignature/, id);
    else assert.match(await verdict(), salt === undefined ? /^Good signature/ : /^Signed under another salt/, id);
    if (salt !== undefined) assert.ok((await verdict()).includes(`The key is right, but the salt is ${salt} (`), id);
  }
  assert.equal(new Set(Object.values(titles)).size, Object.keys(titles).length);
  console.log(`pastes understood by the page: ${cases.length} of ${cases.length}, ${met} of the first newcomers'`);
});

test("a salt that was typed", async () => {
  const cookie = plain(LOGIN, { at: now(), salt: "reset" });
  await paste(cookie, KEY);
  assert.match(await verdict(), /^Refused: BadSignature/);
  await page.locator("#salting > summary").click();
  await page.locator("#salt").fill("reset");
  assert.match(await verdict(), /^Good signature/);
  await page.locator("#salt").fill("another");
  assert.match(await verdict(), /^Refused: BadSignature/);
  await page.locator("#cookie").fill(plain(LOGIN, { at: now() }));
  assert.match(
    await verdict(),
    /^Signed under another salt\s+Signed by the secret key\. The key is right, but the salt is django.contrib.sessions.backends.signed_cookies/,
  );
  assert.ok((await page.locator("#salts option").count()) >= 7);
});

test("a cookie among other text", async () => {
  const cookie = plain('{"a":"the session"}', { at: now() });
  const other = plain('{"a":"another"}', { at: now() });
  for (const line of [
    `Cookie: csrftoken=abc; sessionid=${cookie}; messages=${other}`,
    `cookie: messages=${other}; sessionid="${cookie}"`,
    `Set-Cookie:  sessionid=${cookie}; expires=Tue, 24 Nov 2026 00:00:00 GMT; HttpOnly; Max-Age=1209600; Path=/; SameSite=Lax`,
    `GET / HTTP/1.1\r\nHost: example.com\r\nCookie: sessionid=old; sessionid=${cookie}\r\n\r\n`,
    `sessionid=${cookie}`,
    `my_session=${cookie}`,
    `  ${cookie}\n`,
  ]) {
    await paste(line, KEY);
    assert.match(await verdict(), /^Good signature/, line);
    assert.match(await text(".tree"), /a: "the session"/, line);
  }
});

test("two cookies of one name, and a JWT that expires", async () => {
  const [old, cookie] = ["old", "new"].map((text) => plain(`{"a":"${text}"}`, { at: now() }));
  await paste(`Cookie: sessionid=${old}; sessionid=${cookie}`);
  assert.equal(await text("#found"), "Found the cookie sessionid, number 2 of 2 of this name; Django reads the last one, hardtack the youngest good one.");
  assert.match(await text(".tree"), /a: "new"/);
  const claims = Buffer.from(JSON.stringify({ exp: now() + 3630 })).toString("base64url");
  await paste(`eyJhbGciOiJIUzI1NiJ9.${claims}.c2lnbmF0dXJl`);
  assert.match(await text("dl"), /Expires\s+20.* UTC, in 1 hour \(the claim exp\)/);
});

test("garbage", async () => {
  for (const garbage of ["garbage", "a:b", ":", "::", "é", "<b>", "a".repeat(60_000), "=".repeat(60_000), ":".repeat(60_000)]) {
    await paste(garbage, KEY);
    assert.match(await verdict(), /^Nothing that this page knows|^Refused: (BadSignature|TooLong)/, garbage);
  }
  await paste("a".repeat(70_000));
  assert.match(await text("#found"), /over 65536 characters/);
  const unreadable = { "a=": /not base64url/, ".aaaa": /not one whole zlib stream/, e30x: /not JSON at byte 2/, _w: /not text/ };
  for (const [payload, problem] of Object.entries(unreadable)) {
    await paste(signed(payload, { at: now() }), KEY);
    assert.match(await verdict(), /^Refused: Malformed\w+\s+The signature is good, by the secret key\./, payload);
    assert.match(await text(".problem"), problem, payload);
    assert.deepEqual([...new Set(await tags())], ["not verified"]);
  }
  await paste(signed("e30", { stamp: "?" }), KEY);
  assert.match(await verdict(), /^Refused: MalformedStamp/);
  assert.match(await text("dl"), /at a time that cannot be read/);
});

test("bombs", async () => {
  for (const secret of ["", KEY]) {
    await paste(compressed(`{"k":"${"a".repeat(3_000_000)}"}`, { at: now() }), secret);
    assert.match(await text(".problem"), /inflates to more than 65536 bytes/);
  }
  assert.match(await verdict(), /^Refused: JsonTooLong/);
  await paste(compressed(`{"k":${"[".repeat(60_000)}`, { at: now() }));
  assert.match(await text(".problem"), /nested too deep; at most 128 levels/);
  await paste(compressed(`{"k":[${"[],".repeat(20_000)}0]}`, { at: now() }));
  assert.match(await text(".tree"), /k: 20,001 items[^]*and 19801 more/);
  assert.ok((await page.locator(".tree *").count()) < 2000);
  await paste(compressed(`{"k":"${"a".repeat(60_000)}"}`, { at: now() }));
  assert.match(await text(".tree"), /aaa… \(58,002 characters more\)/);
  await paste(compressed(`{"k":"${"\\\\".repeat(30_000)}"}`, { at: now() }));
  assert.match(await text(".tree"), /characters more/);
});

test("markup in a cookie is text", async () => {
  const markup = '<img src=/x onerror="alert(1)"><script>alert(2)</script><svg onload=alert(3)>';
  const json = JSON.stringify({ [markup]: markup, list: [markup], __proto__: null, ["__proto__"]: { polluted: 1 } });
  await paste(plain(json, { at: now() }), KEY);
  assert.match(await verdict(), /^Good signature/);
  assert.equal(await page.locator("#result :is(img, script, svg)").count(), 0);
  assert.ok((await text(".tree")).includes("<img src=/x onerror="));
  assert.ok((await text(".tree")).includes("__proto__: 1 key"));
  await paste(`${markup}=${markup}; <b>=a:b:c`);
  assert.equal(await page.locator("#found > *, #result :is(img, script, svg, b)").count(), 0);
});

test("what JavaScript would not keep", async () => {
  const json = '{"b":1180591620717411303424,"2":1.0,"1":NaN,"c":-Infinity,"d":"\\ud800","b":123456789012345678901234567890,"e":"\\u202e"}';
  for (const secret of ["", KEY]) {
    await paste(plain(json, { at: now() }), secret);
    const shown = (await text(".tree")).replace(/\s+/g, " ");
    assert.match(shown, /b: 123456789012345678901234567890 2: 1\.0 1: NaN c: -Infinity d: "\\ud800"/);
  }
});

test("the content policy holds", async () => {
  const outcomes = await page.evaluate(async () => {
    const tried = (promise) => promise.then(() => "went out", () => "held");
    const load = (name, attributes) =>
      new Promise((resolve) => {
        const element = Object.assign(document.createElement(name), attributes);
        element.onload = () => resolve("went out");
        element.onerror = () => resolve("held");
        document.body.append(element);
      });
    return [
      await tried(fetch("/x")),
      await tried(fetch("http://127.0.0.1:9/x", { mode: "no-cors" })),
      await load("img", { src: "/x.png" }),
      await load("script", { src: "http://127.0.0.1:9/x.js" }),
      (() => { try { return new Function("return 1")() === 1 ? "ran" : ""; } catch { return "held"; } })(),
    ];
  });
  assert.deepEqual(outcomes, ["held", "held", "held", "held", "held"]);
  assert.ok(complaints.length >= 4 && complaints.every((complaint) => /Content Security Policy|violates/.test(complaint)), complaints.join("\n"));
  complaints = [];
  requests = []; // Chromium reports those that it held back, too
});

test("with the keyboard alone", async () => {
  await page.keyboard.press("Tab");
  await page.keyboard.type(plain(LOGIN, { at: now() }));
  await page.keyboard.press("Tab");
  await page.keyboard.type(KEY);
  assert.match(await verdict(), /^Good signature/);
  for (const expected of ["#rotation > summary", "#salting > summary", "button#sample", "button#clear"]) {
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate((selector) => document.activeElement.matches(selector), expected), expected);
  }
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("#secret").inputValue(), "");
  assert.equal(await text("#result"), "");
  assert.ok(await page.evaluate(() => document.activeElement.id === "cookie"));
});

test("the sample, in light, dark and narrow", async () => {
  await screenshot(page, "inspector-empty");
  await page.locator("#sample").click();
  await page.locator(".tree").waitFor();
  assert.match(await verdict(), /^Good signature/);
  assert.match(await text("#found"), /Found the cookie sessionid/);
  assert.match(await text(".tree"), /Łódź lamp/);
  for (const [name, colorScheme, width] of [["light", "light", 1100], ["dark", "dark", 1100], ["narrow", "light", 390], ["narrow-dark", "dark", 390]]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    await screenshot(page, `inspector-${name}`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${name} scrolls sideways`);
  }
  await page.setViewportSize({ width: 1100, height: 800 });
  await page.locator("#secret").fill("");
  await screenshot(page, "inspector-not-verified");
  await page.locator("#secret").fill(KEY);
  await screenshot(page, "inspector-forged");

  // A text that is not a session, and a development key.
  await page.setViewportSize({ width: 390, height: 800 });
  await paste("Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3IiwiaWF0IjoxNzAwMDAwMDAwfQ.O9-y16MigWdkmEUYpOJ9tsr_0EIt86-IzT7HXqgqCBc");
  await screenshot(page, "inspector-foreign");
  const key = "django-insecure-0123456789abcdefghijklmnopqrst";
  await paste(`sessionid=${plain(LOGIN, { at: now(), key, salt: "django.contrib.sessions.SessionStore" })}`, `SECRET_KEY = '${key}'`);
  await page.locator("#salting > summary").click();
  await screenshot(page, "inspector-other-salt");
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
});

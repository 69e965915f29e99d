// The limits of a cookie, in a browser, which enforces them: it keeps the cookies that hardtack writes, and silently
// drops those that hardtack refuses.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { launch } from "./chromium.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const OTHERS = "; HttpOnly; SameSite=Lax"; // for a header that a test writes itself

let hardtack; // the program that asks the crate
let answers;
let browser;
let server;
let address;
let named; // the same server, under a host name
let header; // the Set-Cookie header of the server, or several of them
let cookieLimit;
let attributeLimit;

before(async () => {
  hardtack = spawn("cargo", ["run", "--locked", "--quiet", "-p", "bridges", "--bin", "cookie_limit"], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  answers = createInterface({ input: hardtack.stdout })[Symbol.asyncIterator]();
  [cookieLimit, attributeLimit] = (await ask("limits")).split(" ").map(Number);
  server = createServer((request, response) => {
    if (request.url.startsWith("/set")) response.setHeader("set-cookie", header);
    const cookie = request.headers.cookie ?? "";
    response.end(request.url === "/bytes" ? Buffer.from(cookie, "latin1").toString("hex") : cookie);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  address = `http://127.0.0.1:${server.address().port}`;
  named = `http://www.example.org:${server.address().port}`;
  browser = await launch("--host-resolver-rules=MAP *.example.org 127.0.0.1, MAP example.org 127.0.0.1");
});

after(async () => {
  hardtack?.stdin.end();
  await browser?.close();
  server?.close();
});

async function ask(...words) {
  hardtack.stdin.write(`${words.join(" ")}\n`);
  const { value } = await answers.next();
  assert.notEqual(value, undefined, "the crate's side has ended");
  return value;
}

// Returns which cookie a browser with an empty profile keeps from a Set-Cookie header, and what it sends on these paths.
async function receive(text, paths = ["/"], context = null, site = address) {
  header = text;
  context ??= await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${site}/set`);
  const sent = [];
  for (const path of paths) sent.push(await (await page.goto(site + path)).text());
  return { context, kept: await context.cookies(), sent };
}

async function isKept(text) {
  const pair = text.split("; ")[0];
  const { context, kept, sent } = await receive(text);
  assert.equal(kept.length, 1);
  assert.equal(`${kept[0].name}=${kept[0].value}`, pair);
  assert.deepEqual(sent, [pair], "it comes back whole");
  await context.close();
}

async function isDropped(text) {
  const { context, kept, sent } = await receive(text);
  assert.deepEqual({ kept, sent }, { kept: [], sent: [""] });
  await context.close();
}

// Prefixes whose rules a browser enforces, in the spelling of the specification and in another one.
const NAMES = ["sessionid", "__Secure-a", "__Host-b", "__Http-c", "__Host-Http-d"];
NAMES.push(...NAMES.map((name) => name.toUpperCase()));

async function ofEach(verb) {
  const headers = [];
  for (const name of NAMES) headers.push(await ask(verb, name));
  return headers;
}

test("a cookie of any name is kept, and deleted", async () => {
  const { context, kept, sent } = await receive(await ofEach("set"));
  assert.deepEqual(kept.map(({ name }) => name).sort(), NAMES.toSorted());
  assert.equal(sent[0].split("; ").length, NAMES.length, "they come back");
  const gone = await receive(await ofEach("delete"), ["/"], context);
  assert.deepEqual([gone.kept, gone.sent], [[], [""]]);
  await context.close();
});

test("a deletion that a name forbids is ignored by the browser", async () => {
  const { context } = await receive(await ofEach("set"));
  const byHand = (attributes) => NAMES.map((name) => `${name}=; Max-Age=0; Path=/${attributes}`);
  const left = async (attributes) => {
    const { kept } = await receive(byHand(attributes), ["/"], context);
    return kept.map(({ name }) => name).sort();
  };
  const http = NAMES.filter((name) => /http/i.test(name)).toSorted();
  assert.equal(http.length, 4);
  assert.deepEqual(await left("; Secure"), http, "HttpOnly is missing");
  assert.deepEqual(await left("; HttpOnly"), http, "Secure is missing");
  assert.deepEqual(await left("; HttpOnly; Secure"), []);
  await context.close();
});

test("after a change of the path both cookies are sent, until the old one is also deleted", async () => {
  const [before, now] = [await ask("scope", "/"), await ask("scope", "/app")];
  const both = "sessionid=v; sessionid=v";
  const { context, sent } = await receive([before, now], ["/app"]);
  assert.deepEqual(sent, [both]);
  const signedOut = await receive(await ask("unscope", "/app"), ["/app"], context);
  assert.deepEqual(signedOut.sent, ["sessionid=v"], "the old one signs the user in again");
  await receive(now, ["/app"], context);
  const deletions = [await ask("unscope", "/app"), await ask("unscope", "/")];
  const gone = await receive(deletions, ["/app"], context);
  assert.deepEqual([gone.kept, gone.sent], [[], [""]]);
  await context.close();
});

for (const [before, now] of [["", " example.org"], [" example.org", ""], [" www.example.org", " .example.org"]]) {
  test(`the same after a change of the domain: "${before}" to "${now}"`, async () => {
    const scope = (domain) => ask("scope", `/${domain}`);
    const unscope = (domain) => ask("unscope", `/${domain}`);
    const { context, sent } = await receive([await scope(before), await scope(now)], ["/"], null, named);
    assert.deepEqual(sent, ["sessionid=v; sessionid=v"]);
    const signedOut = await receive(await unscope(now), ["/"], context, named);
    assert.deepEqual(signedOut.sent, ["sessionid=v"], "the old one signs the user in again");
    await receive(await scope(now), ["/"], context, named);
    const gone = await receive([await unscope(now), await unscope(before)], ["/"], context, named);
    assert.deepEqual([gone.kept, gone.sent], [[], [""]]);
    await context.close();
  });
}

// A subdomain can set such a cookie for the whole domain, because the browser takes its name for an ordinary one.
test("a name with another space before `__Host-` is another cookie", async () => {
  const spaces = ["\u2003", "\u00a0", "\u0085", "\u3000"];
  const utf8 = (text) => Buffer.from(text).toString("latin1"); // as Node writes and reads headers
  const forged = spaces.map((space) => utf8(`${space}__Host-sessionid=evil; Domain=example.org; Path=/`));
  const { context, sent } = await receive(forged, ["/", "/bytes"], null, named);
  const [, cookies] = sent;
  const find = (name) => ask("find", name, cookies);
  for (const space of spaces) assert.equal(await find(`${space}__Host-sessionid`), "1", JSON.stringify(space));
  assert.equal(await find("__Host-sessionid"), "0");
  await context.close();
});

test("the limits are those of RFC 6265bis", () => {
  assert.deepEqual([cookieLimit, attributeLimit], [4096, 1024]);
});

for (const name of [1, 9, 2048, 4095]) {
  test(`name of ${name}: name and value at the limit are kept`, async () => {
    const text = await ask("cookie", name, cookieLimit - name, 1);
    assert.ok(text.length > cookieLimit, "the attributes do not count");
    await isKept(text);
  });

  test(`name of ${name}: one byte more is dropped by the browser, and refused by hardtack`, async () => {
    const value = cookieLimit + 1 - name;
    const byHand = (length) => `${"n".repeat(name)}=${"v".repeat(length)}; Path=/${OTHERS}`;
    await isKept(byHand(value - 1)); // it is the size, not the spelling
    await isDropped(byHand(value));
    const error = `error CookieTooLarge { size: ${cookieLimit + 1}, limit: ${cookieLimit} }`;
    assert.equal(await ask("cookie", name, value, 1), error);
  });
}

test("a session that fills the cookie to the last byte comes back and is read", async () => {
  const text = await ask("session", 9);
  const [name, value] = text.split("; ")[0].split("=");
  assert.equal(name.length + value.length, cookieLimit);
  await isKept(text);
  assert.match(await ask("decode", value), /^\{"pad":"x{2900,}"\}$/);
});

test("the same session under a name one byte longer is dropped", async () => {
  await isDropped(`n${await ask("session", 9)}`);
});

test("a path at the limit is honoured", async () => {
  const text = await ask("cookie", 9, 10, attributeLimit);
  const path = text.match(/Path=([^;]+)/)[1];
  assert.equal(path.length, attributeLimit);
  const pair = text.split("; ")[0];
  const { context, kept, sent } = await receive(text, ["/", path, `${path}/below`, path.slice(0, -1)]);
  assert.equal(kept[0].path, path);
  assert.deepEqual(sent, ["", pair, pair, ""]);

  // The deletion of that cookie is honoured as well.
  const gone = await receive(await ask("deletion", 9, 10, attributeLimit), [path], context);
  assert.deepEqual([gone.kept, gone.sent], [[], [""]]);
  await context.close();
});

test("a path one byte longer is ignored by the browser, and refused by hardtack", async () => {
  const path = `/${"p".repeat(attributeLimit)}`;
  const { context, kept, sent } = await receive(`n=v; Path=${path}${OTHERS}`, ["/", path]);
  assert.equal(kept[0].path, "/", "where it was set");
  assert.deepEqual(sent, ["n=v", "n=v"], "it goes to the whole site");
  await context.close();
  const error = `error CookieAttributeTooLarge { size: ${attributeLimit + 1}, limit: ${attributeLimit} }`;
  assert.equal(await ask("cookie", 9, 10, attributeLimit + 1), error);
});

test("cookie and path both at the limit are kept and honoured", async () => {
  const text = await ask("cookie", 9, cookieLimit - 9, attributeLimit);
  const path = text.match(/Path=([^;]+)/)[1];
  const { context, sent } = await receive(text, ["/", path]);
  assert.deepEqual(sent, ["", text.split("; ")[0]]);
  await context.close();
});

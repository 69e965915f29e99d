// The limits of a cookie, in the browser that enforces them: what hardtack writes is kept, what it refuses to write is
// dropped without a word.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { launch } from "./chromium.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const OTHERS = "; HttpOnly; SameSite=Lax"; // of a header made by hand

let hardtack; // the program that asks the crate
let answers;
let browser;
let server;
let address;
let header; // what the server sets
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
    response.end(request.headers.cookie ?? "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  address = `http://127.0.0.1:${server.address().port}`;
  browser = await launch();
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

// What a browser with an empty profile keeps of a Set-Cookie header, and what it sends back on these paths.
async function receive(text, paths = ["/"], context = null) {
  header = text;
  context ??= await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${address}/set`);
  const sent = [];
  for (const path of paths) sent.push(await (await page.goto(address + path)).text());
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

  // And so is the deletion of that cookie.
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

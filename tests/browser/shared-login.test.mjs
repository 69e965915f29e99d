// A login made by Django works in Rust and the other way round, in a real browser: examples/shared-login, end to end.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { launch, screenshot } from "./chromium.mjs";
import { start } from "./program.mjs";
import { attributes, json } from "./session-cookie.mjs";

const RUN = fileURLToPath(new URL("../../examples/shared-login/run.sh", import.meta.url));
const OLD_KEY = "the-key-that-signs-before-the-rotation-Mz4Qe9Kx7TbY2wLs";
const NEW_KEY = "the-key-that-signs-after-the-rotation-Hd6Vn1Rj8PgU3cFa";
const SHOP = "/shop/"; // in Rust
const SITE = "/"; // in Django
const OUT = /^You are not signed in\./;
const IN = /^You are user 1\./;

const folder = mkdtempSync(fileURLToPath(new URL("../../target/shared-login-test.", import.meta.url)));
const database = `${folder}/db.sqlite3`;
const complaints = [];
let program, browser, password;

before(async () => {
  program = await start(RUN, [], { PORT: "0", SECRET_KEY: OLD_KEY, DATABASE: database });
  password = program.output.match(/User: admiral, password: (\S+)/)[1];
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await program?.stop();
  rmSync(folder, { recursive: true });
});

// A browser context of its own. The last test looks at the errors in the consoles, mostly to see a violation of the
// Content-Security-Policy.
async function visitor(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, ...options });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  page.on("console", (message) => {
    const isExpected = message.location().url.startsWith(`${program.address}/shop/nope`);
    if (message.type() === "error" && !isExpected) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return page;
}

async function signedIn(options) {
  const page = await visitor(options);
  await open(page, SHOP);
  await signIn(page);
  return page;
}

async function signIn(page) {
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByLabel("Username").fill("admiral");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

const open = (page, path, address = program.address) => page.goto(address + path);
const add = (page, article) => page.getByRole("button", { name: `Add ${article}` }).click();
const logOut = (page) => page.getByRole("button", { name: "Log out" }).click();

// What a side says about the login, after loading its page.
async function greeting(page, path, address) {
  await open(page, path, address);
  return (await page.textContent("#login")).trim();
}

async function assertBoth(page, expected) {
  for (const path of [SHOP, SITE]) assert.match(await greeting(page, path), expected, path);
}

const cart = (page) => page.locator("#cart tr").allInnerTexts();

async function sessionCookie(page) {
  const cookies = (await page.context().cookies()).filter(({ name }) => name === "sessionid");
  assert.equal(cookies.length, 1, "one session, one cookie");
  return cookies[0];
}

test("a login at Django's admin is one in Rust, which greets by id", async () => {
  const page = await visitor();
  await assertBoth(page, OUT);
  await open(page, SHOP);
  await signIn(page);
  assert.equal(page.url(), program.address + SHOP);
  assert.equal(await page.textContent("h1"), "Hello, admiral");
  await assertBoth(page, IN);
});

test("both write one and the same cookie, with the same attributes", async () => {
  const page = await visitor();
  await open(page, SHOP);
  const django = await attributes(page, "/admin/login/", () => signIn(page));
  const before = await sessionCookie(page);
  await setTimeout(1100); // the stamp counts seconds
  const rust = await attributes(page, "/shop/cart/", () => add(page, "rope"));
  const after = await sessionCookie(page);

  assert.deepEqual(rust, django);
  assert.deepEqual(django, ["expires", "httponly", "max-age=1209600", "path=/", "samesite=lax"]);
  assert.notEqual(after.value, before.value);
  assert.ok(after.expires > before.expires);
  for (const key of ["domain", "path", "httpOnly", "secure", "sameSite"]) assert.equal(after[key], before[key], key);
});

test("a cart filled in Rust is full in Django; emptied in Django, it is empty in Rust", async () => {
  const page = await signedIn();
  for (const article of ["spyglass", "hardtack", "hardtack"]) await add(page, article);
  const filled = ["Hardtack\t2", "Spyglass\t1"];
  assert.deepEqual(await cart(page), filled);
  await open(page, SITE);
  assert.deepEqual(await cart(page), filled);
  await page.getByRole("button", { name: "Empty the cart" }).click();
  assert.deepEqual(await cart(page), []);
  await open(page, SHOP);
  assert.deepEqual(await cart(page), []);
  await assertBoth(page, IN);
});

test("what Django put into the session survives Rust's writing to the byte", async () => {
  const page = await signedIn();
  await open(page, SITE);
  await page.getByLabel("Note").fill('Zoë\u007f says "Ahoj" ⚓ 🏴‍☠️ \\ </script>');
  await page.getByRole("button", { name: "Keep" }).click();
  const shown = await page.textContent("#note code");
  const note = /"note":(\{.*?\})/;
  const written = json((await sessionCookie(page)).value).match(note)[1];
  assert.match(written, /Zo\\u00eb\\u007f.*"written":\d+\.\d+,"id":\d{30,}\}$/);

  await open(page, SHOP);
  await add(page, "lantern");
  const session = json((await sessionCookie(page)).value);
  assert.equal(session.match(note)[1], written);
  assert.match(session, /"cart":\{"lantern":1\}/);
  await open(page, SITE);
  assert.equal(await page.textContent("#note code"), shown);
});

test("a name from Django's database is text to Rust", async () => {
  const page = await signedIn();
  await open(page, "/admin/auth/user/1/change/");
  await page.getByLabel("First name").fill("<b>Zoë</b>");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await open(page, SHOP);
  assert.equal(await page.textContent("h1"), "Hello, <b>Zoë</b>");
  await open(page, "/admin/auth/user/1/change/");
  await page.getByLabel("First name").fill("Zoë");
  await page.getByRole("button", { name: "Save", exact: true }).click();
});

test("signing out in Django signs out in Rust, and the other way round", async () => {
  const page = await signedIn();
  await add(page, "rope");
  for (const path of [SITE, SHOP]) {
    assert.match(await greeting(page, path), IN);
    await logOut(page);
    const left = (await page.context().cookies()).map(({ name }) => name);
    assert.deepEqual(left, ["csrftoken"], "the session's cookie is gone, Django's other one is not");
    await assertBoth(page, OUT);
    await open(page, SHOP);
    assert.deepEqual(await cart(page), []);
    await signIn(page);
  }
});

test("a changed password ends the user's other sessions in Rust, and nothing saves them again", async () => {
  const [here, there, reader] = [await signedIn(), await signedIn(), await signedIn()];
  const captured = await sessionCookie(there);

  await open(here, "/admin/password_change/");
  await here.locator("#id_old_password").fill(password);
  const next = `${password}-changed`;
  await here.locator("#id_new_password1").fill(next);
  await here.locator("#id_new_password2").fill(next);
  await here.getByRole("button", { name: "Change my password" }).click();
  await here.getByText("Your password was changed.").waitFor();
  password = next;
  await assertBoth(here, IN);

  // A form of a page that was open all the time.
  await add(there, "hardtack");
  assert.match(await there.textContent("#login"), OUT);
  assert.doesNotMatch(json((await sessionCookie(there)).value), /_auth_user/);
  await assertBoth(there, OUT);
  await assertBoth(reader, OUT);

  // The earlier cookie, put back as an attacker with a copy would.
  await there.context().addCookies([captured]);
  assert.match(await greeting(there, SHOP), OUT);
});

test("a tampered cookie is refused, on either side", async () => {
  const page = await signedIn();
  const cookie = await sessionCookie(page);
  const [payload, stamp, signature] = cookie.value.split(":");
  const other = (text) => (text.startsWith("A") ? "B" : "A") + text.slice(1);
  const tampered = [
    [payload.slice(0, 9) + other(payload.slice(9)), stamp, signature],
    [payload, other(stamp), signature],
    [payload, stamp, other(signature)],
  ];
  for (const parts of tampered) {
    for (const path of [SITE, SHOP]) {
      await page.context().addCookies([{ ...cookie, value: parts.join(":") }]);
      assert.match(await greeting(page, path), OUT, path);
    }
  }
  await page.context().addCookies([cookie]);
  await assertBoth(page, IN);
});

test("a form that another site sends is refused on both sides", async () => {
  const page = await signedIn();
  const { value } = await sessionCookie(page);
  const post = (path, origin) => {
    const headers = { cookie: `sessionid=${value}`, ...(origin && { origin }) };
    const body = new URLSearchParams({ article: "rope" });
    return fetch(program.address + path, { method: "POST", redirect: "manual", headers, body });
  };
  const { host } = new URL(program.address);
  for (const origin of [undefined, "null", "http://localhost", `http://${host}0`, `http://evil.${host}`]) {
    for (const path of ["/shop/cart/", "/shop/sign-out/", "/empty-cart/"]) {
      const response = await post(path, origin);
      assert.equal(response.status, 403, `${path} from ${origin}`);
      assert.deepEqual(response.headers.getSetCookie().filter((set) => set.startsWith("sessionid=")), []);
    }
  }
  assert.equal((await post("/shop/cart/", program.address)).status, 303);
});

test("under /shop/, an address without a page is Rust's: its page says so, in the site's look", async () => {
  const page = await signedIn();
  for (const path of ["/shop/nope", "/shop/nope/deeper"]) {
    const response = await open(page, path);
    assert.equal(response.status(), 404);
    assert.equal(await page.textContent("h1"), "Not found");
    assert.equal((await page.textContent("#user-tools strong")).trim(), "Zoë");
  }
  await screenshot(page, "shared-login-404");
  await page.getByRole("link", { name: "To the shop" }).click();
  assert.equal(page.url(), program.address + SHOP);
  const form = await fetch(`${program.address}/shop/cart/`);
  assert.equal(form.status, 405);
  assert.match(await form.text(), /only receives a form/);
  const icon = await fetch(`${program.address}/favicon.ico`);
  assert.equal(icon.headers.get("content-type"), "image/svg+xml");
});

test("everything else is Django's, and comes through whole", async () => {
  const missing = await fetch(`${program.address}/nothing-here/`);
  assert.equal(missing.status, 404);
  assert.match(await missing.text(), /Django/);
  const style = await fetch(`${program.address}/static/admin/css/base.css`);
  assert.equal((await style.arrayBuffer()).byteLength, Number(style.headers.get("content-length")));
  const moved = await fetch(`${program.address}/admin`, { redirect: "manual" });
  assert.equal(moved.headers.get("location"), "/admin/");
});

test("a login outlives the rotation of the key, and Ctrl-C leaves nothing running", async () => {
  const page = await signedIn();
  const before = JSON.parse(json((await sessionCookie(page)).value));
  // Cookies know no ports: this one is the same site with the next key.
  const keys = { SECRET_KEY: NEW_KEY, SECRET_KEY_FALLBACKS: OLD_KEY };
  const rotated = await start(RUN, [], { PORT: "0", DATABASE: database, ...keys });
  try {
    assert.match(await greeting(page, SHOP, rotated.address), IN);
    const after = JSON.parse(json((await sessionCookie(page)).value));
    assert.equal(after._auth_user_id, before._auth_user_id);
    assert.notEqual(after._auth_user_hash, before._auth_user_hash, "made again, under the new key");
    assert.match(await greeting(page, SITE, rotated.address), IN);
    assert.match(await greeting(page, SHOP), OUT, "a server with only the old key refuses it");

    process.kill(rotated.pid, "SIGINT"); // the script alone, not its children
    for (let wait = 0; isRunning(-rotated.pid); wait += 1) {
      assert.ok(wait < 200, "something is still running");
      await setTimeout(50);
    }
    await assert.rejects(fetch(rotated.address));
  } finally {
    await rotated.stop();
  }
});

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("pages to look at: light, dark, narrow", async () => {
  const sizes = { light: {}, dark: { colorScheme: "dark" }, narrow: { viewport: { width: 360, height: 700 } } };
  for (const [name, options] of Object.entries(sizes)) {
    const page = await visitor(options);
    await open(page, SHOP);
    await screenshot(page, `shared-login-${name}-nobody`);
    await signIn(page);
    for (const article of ["hardtack", "hardtack", "rope"]) await add(page, article);
    await screenshot(page, `shared-login-${name}-rust`);
    await open(page, SITE);
    await page.getByLabel("Note").fill("Ahoj, Zoë ⚓");
    await page.getByRole("button", { name: "Keep" }).click();
    await screenshot(page, `shared-login-${name}-django`);
    for (const path of [SHOP, SITE]) {
      await open(page, path);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${path} is ${overflow} pixels too wide`);
    }
  }
});

test("the admin's switch for light and dark works in Rust, too", async () => {
  const page = await signedIn();
  // The locator waits until the page has a body.
  const background = () => page.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
  const light = await background();
  await open(page, SITE);
  await page.locator(".theme-toggle").click();
  await open(page, SHOP);
  assert.notEqual(await background(), light);
});

test("a user who is no longer active is out in Rust", async () => {
  const page = await signedIn();
  await open(page, "/admin/auth/user/1/change/");
  await page.getByLabel("Active").uncheck();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await assertBoth(page, OUT);
});

test("no browser complained", () => {
  assert.deepEqual(complaints, []);
});

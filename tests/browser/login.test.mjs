// examples/login, as a person uses it: every button, and what becomes of the cookie.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { inflateSync } from "node:zlib";
import { screenshot } from "./chromium.mjs";
import {
  DAY,
  HOUR,
  PASSWORD,
  addTo,
  address,
  article,
  cartLines,
  close,
  cookie,
  fill,
  isSignedOut,
  notice,
  open,
  press,
  pressed,
  seen,
  signIn,
  signUp,
  signedBy,
  submit,
  violations,
  visit,
  who,
} from "./login.mjs";

before(open);
after(close);

test("sign up, sign out, sign in", async () => {
  const { context, page } = await visit();
  assert.equal(await cookie(context), undefined, "who only looks gets no cookie");
  await press(page, "Sign up");
  await press(page, "Sign in", page.locator("main"));
  await press(page, "Sign up", page.locator("main p"));
  const name = await signUp(page);
  assert.match(await notice(page), /Welcome aboard/);
  const { httpOnly, sameSite, secure, path } = await cookie(context);
  assert.deepEqual({ httpOnly, sameSite, secure, path }, { httpOnly: true, sameSite: "Lax", secure: false, path: "/" });

  await press(page, "Sign out");
  assert.match(await notice(page), /signed out/);
  assert.ok(await isSignedOut(page));
  assert.equal(await cookie(context), undefined);

  await signIn(page, name.toUpperCase());
  assert.equal(await who(page), name);
  await context.close();
});

test("a refused sign-up says why and keeps the name", async () => {
  const { context, page } = await visit();
  const taken = await signUp(page);
  await press(page, "Sign out");
  for (const [name, password, reason] of [
    [taken, PASSWORD, /has that name already/],
    ["x", PASSWORD, /2 to 32/],
    ["<b>bold</b>", PASSWORD, /letters and digits/],
    [`${taken}-2`, "\u{1F6A2}".repeat(7), /8 to 128/], // 14 units for the browser's own check, 7 characters
  ]) {
    await page.goto("/sign-up");
    await fill(page, name, password, true);
    await submit(page, "Sign up");
    assert.match(await page.getByRole("alert").textContent(), reason);
    assert.equal(await page.getByLabel("Name").inputValue(), name);
    assert.equal(await page.getByLabel("Password").inputValue(), "");
    assert.ok(await page.getByLabel("Remember me").isChecked());
  }
  await context.close();
});

test("a wrong password and an unknown name get the same answer", async () => {
  const { context, page } = await visit();
  const name = await signUp(page);
  await press(page, "Sign out");
  const answers = [];
  for (const [who, password] of [[name, "another password"], ["nobody-at-all", PASSWORD]]) {
    await signIn(page, who, password);
    answers.push(await page.getByRole("alert").textContent());
    assert.equal(await cookie(context), undefined);
  }
  assert.equal(answers[0], answers[1]);
  await context.close();
});

test("the cart: every article in and out, without an account", async () => {
  const { context, page } = await visit();
  const names = await page.locator(".article h3").allTextContents();
  assert.equal(names.length, 6);
  const ids = await page.locator(".article").evaluateAll((all) => all.map((one) => one.id));
  for (const id of ids) {
    await addTo(page, id);
    assert.ok(page.url().endsWith(`#${id}`), "the page stays where it was");
  }
  await addTo(page, ids[0]);
  const lines = await cartLines(page);
  assert.equal(lines.length, 6);
  assert.ok(lines[0].startsWith(`2 ×${names[0]}`), lines[0]);
  const cents = (text) => Number(text.match(/£(\d+\.\d\d)/)[1].replace(".", ""));
  assert.equal(cents(await page.locator(".total").textContent()), lines.map(cents).reduce((sum, one) => sum + one));

  for (const name of [names[0], ...names]) await press(page, `Remove one ${name}`);
  assert.deepEqual(await cartLines(page), []);
  assert.equal(await cookie(context), undefined, "an empty session needs no cookie");
  await context.close();
});

test("the cart stays at sign-in, and not for the next person", async () => {
  const { context, page } = await visit();
  await addTo(page, "limes");
  const name = await signUp(page);
  assert.equal((await cartLines(page)).length, 1);
  await signUp(page);
  assert.equal((await cartLines(page)).length, 0, "another account, another cart");
  await addTo(page, "rope");
  await press(page, "Sign out");
  assert.equal((await cartLines(page)).length, 0);
  await signIn(page, name);
  assert.equal((await cartLines(page)).length, 0, "it was in the cookie");
  await context.close();
});

test("remember me: 30 days, else 12 hours, and using it does not prolong it", async () => {
  const ends = {};
  for (const remember of [false, true]) {
    const { context, page } = await visit();
    await signUp(page, remember);
    const { expires } = await cookie(context);
    ends[remember] = expires - Date.now() / 1000;
    await addTo(page, "limes");
    const moved = (await cookie(context)).expires - expires;
    assert.ok(Math.abs(moved) < 2, `the end of the session moved by ${moved} s`);
    await context.close();
  }
  assert.ok(Math.abs(ends[false] - 12 * HOUR) < HOUR, `${ends[false]}`);
  assert.ok(Math.abs(ends[true] - 30 * DAY) < HOUR, `${ends[true]}`);
});

test("sign out everywhere: here, in another browser, and nobody else", async () => {
  const [here, there, other] = [await visit(), await visit(), await visit()];
  const name = await signUp(here.page);
  await signIn(there.page, name);
  const stranger = await signUp(other.page);
  const copy = await cookie(there.context);

  await press(here.page, "Sign out everywhere");
  assert.match(await notice(here.page), /everywhere/);
  assert.ok(await isSignedOut(here.page));
  await there.page.reload();
  assert.ok(await isSignedOut(there.page));
  assert.match(await there.page.locator(".fate").textContent(), /signed out everywhere/);
  assert.equal(await cookie(there.context), undefined);
  await other.page.reload();
  assert.equal(await who(other.page), stranger);

  // A sign-in of the same second counts, and a copy of the old cookie never again.
  await signIn(here.page, name);
  assert.equal(await who(here.page), name);
  await here.page.reload();
  assert.equal(await who(here.page), name);
  await there.context.addCookies([copy]);
  await there.page.goto("/");
  assert.ok(await isSignedOut(there.page));
  for (const { context } of [here, there, other]) await context.close();
});

test("a new password: signed in here, signed out elsewhere", async () => {
  const [here, there] = [await visit(), await visit()];
  const name = await signUp(here.page);
  await signIn(there.page, name);
  const copy = await cookie(here.context);
  async function change(current, password) {
    await here.page.goto("/");
    await press(here.page, "Change the password");
    await here.page.getByLabel("Current password").fill(current);
    await here.page.getByLabel("New password").fill(password);
    await submit(here.page, "Change the password");
  }
  await change("not that one", "lime juice and rum");
  assert.match(await here.page.getByRole("alert").textContent(), /not your current password/);
  await there.page.reload();
  assert.equal(await who(there.page), name);

  await change(PASSWORD, "lime juice and rum");
  assert.match(await notice(here.page), /new one/);
  assert.equal(await who(here.page), name);
  await there.page.reload();
  assert.ok(await isSignedOut(there.page));
  assert.match(await there.page.locator(".fate").textContent(), /changed the password/);
  assert.equal(await cookie(there.context), undefined);

  // Nor does the cookie count that this browser had before.
  await there.context.addCookies([copy]);
  await there.page.goto("/");
  assert.ok(await isSignedOut(there.page));
  await signIn(there.page, name);
  assert.equal(await there.page.getByRole("alert").count(), 1);
  await signIn(there.page, name, "lime juice and rum");
  assert.equal(await who(there.page), name);
  for (const { context } of [here, there]) await context.close();
});

test("rotation: the old key's cookie counts and is signed afresh", async () => {
  const [here, there] = [await visit(), await visit()];
  const name = await signUp(here.page);
  await addTo(here.page, "lantern");
  await signIn(there.page, name);
  const old = await signedBy(here.page);
  const [before, beforeThere] = [await cookie(here.context), await cookie(there.context)];

  await press(here.page, "Rotate the keys");
  // The page tells of the cookie that came in, and brings another.
  assert.match(await notice(here.page), /new key signs/);
  assert.equal(await signedBy(here.page), old);
  assert.match(await here.page.locator(".fate").textContent(), /only verifies/);
  assert.notEqual((await cookie(here.context)).value, before.value);
  await here.page.reload();
  assert.notEqual(await signedBy(here.page), old);
  assert.equal(await here.page.locator(".fate").count(), 0);
  assert.equal(await who(here.page), name);
  assert.equal((await cartLines(here.page)).length, 1);
  const moved = (await cookie(here.context)).expires - before.expires;
  assert.ok(Math.abs(moved) < 2, `the end of the session moved by ${moved} s`);

  // The other browser comes by, and then three more rotations do not end its session: nothing of the old key is left.
  await there.page.reload();
  assert.equal(await who(there.page), name);
  assert.notEqual((await cookie(there.context)).value, beforeThere.value);
  for (let time = 0; time < 3; time++) await press(here.page, "Rotate the keys");
  await there.page.reload();
  assert.equal(await who(there.page), name);

  // A cookie of a key that was retired is one of nobody's key.
  await there.context.addCookies([beforeThere]);
  await there.page.goto("/");
  assert.ok(await isSignedOut(there.page));
  assert.match(await there.page.locator("#refusal").textContent(), /signature does not match/);
  for (const { context } of [here, there]) await context.close();
});

test("who tampers with the cookie is signed out", async () => {
  const { context, page } = await visit();
  await signUp(page);
  const good = await cookie(context);
  const at = good.value.split(":").map((part, index, parts) => parts.slice(0, index).join(":").length + 2);
  for (const place of at) {
    const value = [...good.value];
    value[place] = value[place] === "A" ? "B" : "A";
    await context.addCookies([{ ...good, value: value.join("") }]);
    await page.goto("/");
    assert.ok(await isSignedOut(page), `character ${place}`);
    assert.match(await page.locator("#refusal").textContent(), /signature does not match/);
    assert.equal(await cookie(context), undefined, "a forged cookie is deleted");
  }
  await context.addCookies([good]);
  await page.goto("/");
  assert.ok(!(await isSignedOut(page)));
  await context.close();
});

test("the panel shows the browser's own cookie", async () => {
  const { context, page } = await visit();
  await signUp(page);
  await addTo(page, "bell");
  await page.getByLabel("A note to the purser").fill("Ahoy & <b>good day</b>, Zoë. ".repeat(12));
  await press(page, "Save the note");
  assert.match(await notice(page), /note is saved/);
  const { name, value } = await cookie(context);
  assert.equal(Number(await page.locator("#size").textContent()), name.length + value.length);
  assert.equal(await page.locator("#value").textContent(), `${name}=${value}`);
  const parts = ["payload", "stamp", "signature"];
  for (const [index, part] of value.split(":").entries()) {
    assert.equal(await page.locator(`#value .${parts[index]}`).textContent(), part);
    const width = await page.locator(`rect.${parts[index]}`).first().getAttribute("width");
    assert.equal(Number(width), part.length);
  }
  // What Node makes of the payload is what the table says.
  const payload = value.split(":")[0];
  assert.ok(payload.startsWith("."), "it is long enough to be compressed");
  const session = JSON.parse(inflateSync(Buffer.from(payload.slice(1), "base64url")));
  const rows = {};
  for (const row of await page.locator(".session tbody tr").all()) {
    const [key, json] = await row.locator("code").allTextContents();
    rows[key] = JSON.parse(json);
  }
  assert.deepEqual(rows, session);
  assert.equal(await page.locator("#note").inputValue(), session.note, "a text stays text");
  assert.equal(await page.locator("#note b").count(), 0);
  assert.match(await page.locator("#age").textContent(), /^\d+ s$/);
  await context.close();
});

test("a session too large is not sent, and the page says what takes the room", async () => {
  const { context, page } = await visit();
  const name = await signUp(page);
  const before = await cookie(context);
  // Noise, which no compression makes small.
  let state = 1;
  const noise = Array.from({ length: 4500 }, () => ((state = (state * 48271) % 2147483647) % 36).toString(36)).join("");
  await page.getByLabel("A note to the purser").fill(noise);
  await press(page, "Save the note");
  assert.equal(await page.locator("h1").textContent(), "That does not fit");
  assert.equal(await page.locator("tbody code").first().textContent(), "note");
  assert.equal(await page.getByRole("link", { name: "Sign in" }).count(), 0, "it does not say who is signed in");
  assert.deepEqual(await cookie(context), before);
  await screenshot(page, "login-too-large");
  await press(page, "Back to the cart");
  assert.equal(await who(page), name);
  assert.equal(await page.locator("#note").inputValue(), "");

  // What fits is kept to the last byte, close to the limit.
  await page.getByLabel("A note to the purser").fill(noise.slice(0, 3900));
  await press(page, "Save the note");
  assert.equal(await page.locator("#note").inputValue(), noise.slice(0, 3900));
  const { value } = await cookie(context);
  assert.ok(value.length > 3500 && value.length <= 4096, `${value.length}`);
  await context.close();
});

test("after a sign-out the back button shows nothing", async () => {
  const { context, page } = await visit();
  await signUp(page);
  await press(page, "Sign out");
  await page.goBack();
  assert.ok(await isSignedOut(page));
  await context.close();
});

test("another site's form does nothing, even one of the same host", async () => {
  const { context, page } = await visit();
  const name = await signUp(page);
  const form = `<form method="post" action="${address()}/sign-out"><button>Win a ship</button></form>`;
  const site = createServer((_, response) => response.setHeader("content-type", "text/html").end(form));
  await new Promise((done) => site.listen(0, "127.0.0.1", done));
  // Another port is the same site for SameSite, another name for this machine is not.
  for (const host of ["127.0.0.1", "localhost"]) {
    await page.goto(`http://${host}:${site.address().port}/`);
    const [response] = await Promise.all([page.waitForResponse(`${address()}/sign-out`), page.locator("button").click()]);
    assert.equal(response.status(), 403, host);
    await page.goto("/");
    assert.equal(await who(page), name, host);
  }
  site.close();
  await context.close();
});

test("every button was pressed, and no policy was violated", () => {
  const only = (label) => !/^(Skip to content|Ship’s Stores)$/.test(label);
  assert.deepEqual([...seen].filter((label) => only(label) && !pressed.has(label)), []);
  assert.ok(pressed.size >= 9, [...pressed].join(", "));
  assert.deepEqual(violations, []);
});

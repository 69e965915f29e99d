// examples/login, as users see it: every button, and what happens to the cookie.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { screenshot } from "./chromium.mjs";
import {
  HOUR,
  MAX_AGE,
  PASSWORD,
  addTo,
  address,
  article,
  cartLines,
  close,
  cookie,
  fill,
  isSignedOut,
  noise,
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
import { json } from "./session-cookie.mjs";

before(open);
after(close);

test("sign up, sign out, sign in", async () => {
  const { context, page } = await visit();
  assert.equal(await cookie(context), undefined, "a visitor who only looks gets no cookie");
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
    [taken, PASSWORD, /is taken/],
    ["x", PASSWORD, /2 to 32/],
    ["<b>bold</b>", PASSWORD, /letters, digits/],
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
    await page.locator("#password:focus").waitFor();
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

test("remember me: two weeks, otherwise 12 hours, and using it does not extend it", async () => {
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
  assert.ok(Math.abs(ends[true] - MAX_AGE) < HOUR, `${ends[true]}`);
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
  assert.match(await notice(there.page), /signed out everywhere/);
  assert.match(await there.page.locator(".fate").textContent(), /This response deletes the cookie/);
  assert.equal(await cookie(there.context), undefined);
  await other.page.reload();
  assert.equal(await who(other.page), stranger);

  // A sign-in in the same second is valid, and a copy of the old cookie never again.
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
  assert.match(await notice(here.page), /is changed/);
  assert.equal(await who(here.page), name);
  await there.page.reload();
  assert.ok(await isSignedOut(there.page));
  assert.match(await notice(there.page), /changed your password/);
  assert.equal(await cookie(there.context), undefined);

  // The cookie that this browser had before is refused as well.
  await there.context.addCookies([copy]);
  await there.page.goto("/");
  assert.ok(await isSignedOut(there.page));
  await signIn(there.page, name);
  assert.equal(await there.page.getByRole("alert").count(), 1);
  await signIn(there.page, name, "lime juice and rum");
  assert.equal(await who(there.page), name);
  for (const { context } of [here, there]) await context.close();
});

test("rotation: the old key's cookie is accepted and signed again", async () => {
  const [here, there] = [await visit(), await visit()];
  const name = await signUp(here.page);
  await addTo(here.page, "lantern");
  await signIn(there.page, name);
  const old = await signedBy(here.page);
  const [before, beforeThere] = [await cookie(here.context), await cookie(there.context)];

  await press(here.page, "Rotate the keys");
  // The page shows the cookie that came in, and sets another.
  assert.match(await notice(here.page), /signs from now on/);
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

  // The other browser loads a page, and then three more rotations do not end its session: nothing of the old key is left.
  await there.page.reload();
  assert.equal(await who(there.page), name);
  assert.notEqual((await cookie(there.context)).value, beforeThere.value);
  for (let time = 0; time < 3; time++) await press(here.page, "Rotate the keys");
  await there.page.reload();
  assert.equal(await who(there.page), name);

  // A cookie of a retired key is refused.
  await there.context.addCookies([beforeThere]);
  await there.page.goto("/");
  assert.ok(await isSignedOut(there.page));
  assert.match(await there.page.locator("#refusal").textContent(), /signature does not match/);
  for (const { context } of [here, there]) await context.close();
});

test("a changed character signs the user out", async () => {
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
    await page.getByRole("link", { name: "Why?" }).click();
    assert.ok(await page.locator("#refusal").evaluate((one) => one.getBoundingClientRect().bottom < innerHeight));
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
  await page.reload(); // the cookie that came in had the notice, too
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
  assert.ok(value.startsWith("."), "it is long enough to be compressed");
  const session = JSON.parse(json(value));
  const rows = {};
  for (const row of await page.locator(".session tbody tr").all()) {
    const [key, text] = await row.locator("code").allTextContents();
    rows[key] = JSON.parse(text);
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
  const long = noise(4500);
  await page.getByLabel("A note to the purser").fill(long);
  await press(page, "Save the note");
  assert.equal(await page.locator("h1").textContent(), "That does not fit");
  assert.equal(await page.locator("tbody code").first().textContent(), "note");
  assert.deepEqual(await page.locator("tbody code", { hasText: "notice" }).count(), 0, "it is not the user's");
  assert.equal(await page.locator(".who strong").textContent(), name);
  assert.equal(await page.getByLabel("A note to the purser").inputValue(), long);
  assert.deepEqual(await cookie(context), before);
  await screenshot(page, "login-too-large");
  await press(page, "Back to the cart");
  assert.equal(await who(page), name);
  assert.equal(await page.locator("#note").inputValue(), "");

  // What fits is kept to the last byte, close to the limit. It can be sent from the page of the error.
  await page.getByLabel("A note to the purser").fill(long);
  await press(page, "Save the note");
  await page.getByLabel("A note to the purser").fill(long.slice(0, 3900));
  await press(page, "Save the note");
  assert.equal(await page.locator("#note").inputValue(), long.slice(0, 3900));
  const { value } = await cookie(context);
  assert.ok(value.length > 3500 && value.length <= 4096, `${value.length}`);
  await context.close();
});

test("forged cookies: each is refused with its reason, and the good one can be put back", async () => {
  const { context, page } = await visit();
  const name = await signUp(page, true);
  await addTo(page, "compass");
  for (const [button, reason] of [
    ["Change one letter", /signature does not match/],
    ["Make it two weeks old", /more than two weeks old/],
    ["Sign with a stranger’s key", /signature does not match/],
  ]) {
    const good = await cookie(context);
    await press(page, button);
    assert.match(await page.locator("#refusal").textContent(), reason);
    assert.ok(await isSignedOut(page), button);
    assert.deepEqual(await cartLines(page), []);
    assert.equal(await cookie(context), undefined, "it is deleted");
    const shown = await page.locator("#value").textContent();
    assert.notEqual(shown, `login=${good.value}`);
    if (button.includes("letter")) {
      const letter = await page.locator("mark").textContent();
      const at = await page.locator("#value").evaluate((value) => {
        const before = document.createRange();
        before.setStart(value, 0);
        before.setEndBefore(value.querySelector("mark"));
        return before.toString().length;
      });
      const original = `login=${good.value}`;
      assert.equal(shown, original.slice(0, at) + letter + original.slice(at + 1));
      assert.match(await page.locator("#refusal").textContent(), new RegExp(`The marked letter was “${original[at]}”`));
    }
    await screenshot(page, `login-forged-${button.split(" ")[0].toLowerCase()}`);

    // The way back is still there after a reload, and after another cookie.
    await page.reload();
    assert.equal(await cookie(context), undefined);
    await addTo(page, "limes");
    await page.reload();
    await press(page, "Put my cookie back");
    assert.match(await notice(page), /Your cookie is back/);
    assert.equal(await who(page), name, button);
    assert.deepEqual(await cartLines(page), ["1 ×Compass£32.00"]);
    const restored = await cookie(context);
    assert.equal(json(restored.value), json(good.value));
    assert.ok(Math.abs(restored.expires - good.expires) < 2, "it is remembered as before");
  }
  assert.deepEqual((await context.cookies()).map((one) => one.name), ["login"], "nothing else is left");
  await context.close();
});

test("a notice is shown once", async () => {
  const { context, page } = await visit();
  await signUp(page);
  assert.equal(page.url(), `${address()}/`, "the address has no part of it");
  assert.match(await notice(page), /Welcome aboard/);
  await page.reload();
  assert.equal(await page.getByRole("status").count(), 0);
  await context.close();
});

test("a page that needs an account: sign in, and be there", async () => {
  const { context, page } = await visit();
  const name = await signUp(page);
  await press(page, "Sign out");
  await page.goto("/password?from=menu");
  assert.equal(await page.locator("h1").textContent(), "Sign in");
  await fill(page, name, "a wrong password");
  await submit(page, "Sign in");
  await fill(page, name, PASSWORD);
  await submit(page, "Sign in");
  assert.equal(page.url(), `${address()}/password?from=menu`);
  assert.equal(await page.locator("h1").textContent(), "Change the password");

  // A link with a `next` of someone else's.
  await press(page, "Sign out");
  await page.goto("/sign-in?next=/%5Cevil.example");
  await fill(page, name, PASSWORD);
  await submit(page, "Sign in");
  assert.equal(page.url(), `${address()}/`);
  await context.close();
});

// What `safe_next` accepts leads to no other site in this browser; what it refuses is in the same file.
test("each good `next` stays on the site", async () => {
  const { context, page } = await visit();
  const { good, hostile } = JSON.parse(readFileSync(new URL("../next.json", import.meta.url)));
  const origins = (values) => page.evaluate((all) => all.map((one) => {
    const url = URL.parse(one, location.href);
    return url && url.origin === location.origin;
  }), values);
  assert.ok((await origins(good)).every(Boolean));
  assert.ok((await origins(hostile)).filter((isSafe) => !isSafe).length >= 30);
  await context.close();
});

test("addresses without a page, and forms without a form", async () => {
  const { context, page } = await visit();
  const name = await signUp(page);
  for (const [path, status] of [["/nope", 404], ["/sign-out", 405]]) {
    const response = await page.goto(path);
    assert.equal(response.status(), status);
    assert.equal(await page.locator(".who strong").textContent(), name);
    await screenshot(page, `login-${status}`);
    await press(page, "Back to the shop");
    assert.equal(page.url(), `${address()}/`);
  }
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
  const only = (label) => !/^(Skip to content|Ship’s Stores|Why\?)$/.test(label);
  assert.deepEqual([...seen].filter((label) => only(label) && !pressed.has(label)), []);
  assert.ok(pressed.size >= 9, [...pressed].join(", "));
  assert.deepEqual(violations, []);
});

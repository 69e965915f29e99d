// examples/login for all users: with the keyboard alone, on a narrow screen, without JavaScript, in light and in dark.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { screenshot } from "./chromium.mjs";
import {
  DAY,
  MAX_AGE,
  PASSWORD,
  addTo,
  article,
  cartLines,
  close,
  cookie,
  fill,
  isSignedOut,
  newName,
  noise,
  notice,
  open,
  press,
  signIn,
  signUp,
  submit,
  visit,
  who,
} from "./login.mjs";

before(open);
after(close);

test("with the keyboard alone", async () => {
  const { context, page } = await visit();
  // Tab until it is there, which a person must be able to see; then what one does there.
  async function tabTo(name) {
    for (let times = 0; times < 60; times++) {
      await page.keyboard.press("Tab");
      const focus = await page.evaluate(() => {
        const { activeElement } = document;
        const { outlineStyle, outlineWidth } = getComputedStyle(activeElement);
        const label = activeElement.labels?.[0]?.textContent ?? activeElement.getAttribute("aria-label");
        return { name: label ?? activeElement.textContent, outline: outlineStyle !== "none" && outlineWidth !== "0px" };
      });
      if (focus.name.trim().startsWith(name)) {
        assert.ok(focus.outline, `${name} shows that it has the focus`);
        return;
      }
    }
    assert.fail(`no way to ${name}`);
  }
  async function enter() {
    const loaded = page.waitForEvent("load");
    await page.keyboard.press("Enter");
    await loaded;
  }

  await tabTo("Skip to content");
  await tabTo("Sign up");
  await enter();
  await page.locator("#name:focus").waitFor(); // where one types has the focus already
  const name = newName();
  await page.keyboard.type(name);
  await tabTo("Password");
  await page.keyboard.type(PASSWORD);
  await tabTo("Remember me");
  await page.keyboard.press("Space");
  await tabTo("Sign up");
  await enter();
  assert.equal(await who(page), name);
  assert.ok((await cookie(context)).expires - Date.now() / 1000 > MAX_AGE - DAY);

  await tabTo("Add Compass");
  await enter();
  assert.equal((await cartLines(page)).length, 1);
  await tabTo("Add Rope"); // the next one, not from the top of the page
  await enter();
  assert.equal((await cartLines(page)).length, 2);
  await tabTo("Remove one Compass");
  await enter();
  assert.equal((await cartLines(page)).length, 1);
  await tabTo("A note");
  await page.keyboard.type("No rats.");
  await tabTo("Save the note");
  await enter();
  assert.equal(await page.locator("#note").inputValue(), "No rats.");
  await tabTo("Rotate the keys");
  await enter();
  await page.goto("/");
  await tabTo("Sign out");
  await enter();
  assert.ok(await isSignedOut(page));
  await context.close();
});

test("on a narrow screen nothing is cut off", async () => {
  const { context, page } = await visit({ viewport: { width: 360, height: 740 }, hasTouch: true });
  async function fits(what) {
    const { scrolls, cut, small } = await page.evaluate(() => {
      const isOut = (one) => one.getClientRects().length > 0 && one.getBoundingClientRect().right > innerWidth;
      const height = (one) => one.getBoundingClientRect().height;
      return {
        scrolls: document.documentElement.scrollWidth > innerWidth,
        cut: [...document.querySelectorAll("main *, header *")].filter(isOut).map((one) => one.outerHTML.slice(0, 80)),
        small: [...document.querySelectorAll("button, .button")].filter((one) => height(one) < 40).length,
      };
    });
    assert.deepEqual({ scrolls, cut, small }, { scrolls: false, cut: [], small: 0 }, what);
  }
  await fits("the shop");
  for (const path of ["/sign-in", "/sign-up"]) {
    await page.goto(path);
    await fits(path);
  }
  const long = newName().padEnd(32, "w");
  await fill(page, long, PASSWORD);
  await submit(page, "Sign up");
  assert.equal(await who(page), long);
  for (const id of ["hardtack", "lantern", "bell"]) await addTo(page, id);
  await page.getByLabel("A note to the purser").fill("w".repeat(500));
  await press(page, "Save the note");
  await press(page, "Rotate the keys");
  await press(page, "Rotate the keys");
  await fits("the shop with a long name, a long note and three keys");
  await press(page, "Change one letter");
  await fits("a refused cookie");
  await screenshot(page, "login-narrow-refused");
  await press(page, "Put my cookie back");
  for (const path of ["/password", "/nope", "/sign-out"]) {
    await page.goto(path);
    await fits(path);
  }
  await context.close();
});

test("without JavaScript", async () => {
  const { context, page } = await visit({ javaScriptEnabled: false });
  await page.goto("/sign-up");
  const name = newName();
  await fill(page, name, PASSWORD, true);
  await page.locator("main form button").click();
  assert.equal(await who(page), name);
  await article(page, "limes").getByRole("button").click();
  assert.equal((await cartLines(page)).length, 1);
  await page.getByRole("button", { name: "Remove one Limes" }).click();
  assert.equal((await cartLines(page)).length, 0);
  await page.getByLabel("A note to the purser").fill("No rats.");
  await page.getByRole("button", { name: "Save the note" }).click();
  assert.match(await notice(page), /note is saved/);
  await page.getByRole("button", { name: "Rotate the keys" }).click();
  assert.match(await notice(page), /signs from now on/);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  assert.equal(await cookie(context), undefined);
  assert.equal(await page.locator("script").count(), 0, "there is none to do without");
  await context.close();
});

// The texts of the page whose contrast is under 4.5 (WCAG 2.2, success criterion 1.4.3).
function faintTexts() {
  const rgb = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = rgb(colour).map((value) => (value <= 10 ? value / 3294 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element) => {
    const { backgroundColor } = getComputedStyle(element);
    return rgb(backgroundColor)[3] === 0 ? background(element.parentElement) : backgroundColor;
  };
  const contrast = (element) => {
    const [light, dark] = [getComputedStyle(element).color, background(element)].map(luminance).sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const all = [...document.body.querySelectorAll("*")].filter(hasText);
  return { texts: all.length, faint: all.filter((one) => contrast(one) < 4.5).map((one) => one.outerHTML.slice(0, 80)) };
}

for (const colorScheme of ["light", "dark"]) {
  for (const [size, width] of [["wide", 1280], ["narrow", 390]]) {
    test(`${colorScheme} and ${size}: every text has contrast, and there are pictures to look at`, async () => {
      const { context, page } = await visit({ colorScheme, viewport: { width, height: 800 } });
      async function look(name) {
        await screenshot(page, `login-${colorScheme}-${size}-${name}`);
        const { texts, faint } = await page.evaluate(faintTexts);
        assert.ok(texts > 5);
        assert.deepEqual(faint, [], name);
      }
      await look("empty");
      await signIn(page, "nobody");
      await look("sign-in");
      await signUp(page, true);
      for (const id of ["hardtack", "hardtack", "compass", "rope"]) await addTo(page, id);
      await page.getByLabel("A note to the purser").fill("No rats in the biscuit, please.");
      await press(page, "Save the note");
      await press(page, "Rotate the keys");
      await look("shop");
      await page.goto("/password");
      await look("password");
      await page.goto("/");
      await press(page, "Change one letter");
      await look("refused");
      await addTo(page, "bell");
      await look("kept");
      await page.getByLabel("A note to the purser").fill(noise(6000));
      await press(page, "Save the note");
      await look("too-large");
      await page.goto("/sign-out");
      await look("wrong-method");
      await context.close();
    });
  }
}

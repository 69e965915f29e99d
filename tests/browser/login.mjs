// Shared by the suites of examples/login: the program, a browser, and what a user does on the page.
import assert from "node:assert/strict";
import { launch } from "./chromium.mjs";
import { start } from "./program.mjs";

export const PASSWORD = "salt pork and rum";
export const HOUR = 60 * 60;
export const DAY = 24 * HOUR;
export const MAX_AGE = 14 * DAY;

let program;
let browser;
export const pressed = new Set(); // what the tests have clicked
export const seen = new Set(); // the controls of the pages that they saw
export const violations = []; // of the page's own Content-Security-Policy
let people = 0;

// Starts the program, by the command in the README, and a browser.
export async function open() {
  program = await start("cargo", ["run", "--locked", "--quiet", "--package", "login"], { PORT: "0" });
  browser = await launch();
}

export async function close() {
  await browser?.close();
  await program?.stop();
}

export const address = () => program.address;

// A browser context of its own, without cookies of other tests.
export async function visit(options = {}) {
  const context = await browser.newContext({ baseURL: program.address, ...options });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) violations.push(message.text());
  });
  await page.goto("/");
  return { context, page };
}

export async function press(page, name, within = page) {
  await look(page);
  const target = within.getByRole("button", { name, exact: true }).or(within.getByRole("link", { name, exact: true }));
  const [label] = await target.first().evaluateAll(labelsOf);
  const loaded = page.waitForEvent("load");
  await target.first().click();
  await loaded;
  pressed.add(label);
  await look(page);
}

async function look(page) {
  for (const label of await page.locator("button, a").evaluateAll(labelsOf)) seen.add(label);
}

// What a control does, the article aside: "Add Limes to the cart" is the button "Add".
function labelsOf(controls) {
  return controls.map((control) => {
    const text = (control.getAttribute("aria-label") ?? control.textContent).trim();
    return control.name === "article" ? text.split(" ")[0] : text;
  });
}

export const article = (page, id) => page.locator(`#${id}`);
export const addTo = (page, id) => press(page, /^Add/, article(page, id));
export const who = (page) => page.locator("#user").textContent();
export const isSignedOut = async (page) => (await page.locator("#user").count()) === 0;
export const cartLines = async (page) =>
  (await page.locator("#cart li").allTextContents()).map((line) => line.replace(/\s+/g, " ").replace("−", "").trim());
export const notice = (page) => page.getByRole("status").textContent();
export const signedBy = (page) => page.locator("#signed-by").textContent();

export async function cookie(context) {
  const cookies = (await context.cookies()).filter(({ name }) => name === "login");
  assert.ok(cookies.length <= 1, "one cookie is enough");
  return cookies[0];
}

export async function fill(page, name, password, remember = false) {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByLabel("Remember me").setChecked(remember);
}

export async function submit(page, name) {
  await press(page, name, page.locator("main form"));
}

// A text that no compression makes much shorter.
export function noise(length) {
  let state = 1;
  return Array.from({ length }, () => ((state = (state * 48271) % 2147483647) % 36).toString(36)).join("");
}

// A name that is not taken.
export const newName = () => `sailor-${++people}`;

export async function signUp(page, remember = false) {
  const name = newName();
  await page.goto("/sign-up");
  await fill(page, name, PASSWORD, remember);
  await submit(page, "Sign up");
  assert.equal(await who(page), name);
  return name;
}

export async function signIn(page, name, password = PASSWORD, remember = false) {
  await page.goto("/sign-in");
  await fill(page, name, password, remember);
  await submit(page, "Sign in");
}

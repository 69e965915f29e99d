// The README's commands, word for word but for the ports: the gate in front of a new Django project, used with Chromium.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { launch } from "../browser/chromium.mjs";
import { start } from "../browser/program.mjs";
import { PYTHON } from "./django.mjs";

const readme = readFileSync(new URL("../../examples/edge/README.md", import.meta.url), "utf8");
const [commands] = [...readme.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block).filter((block) => block.includes("startproject"));
const ENGINE = 'SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"\n';
const stops = [];
let browser;

before(async () => {
  browser = await launch();
});
after(async () => {
  await browser.close();
  for (const stop of stops) await stop();
});

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

// Runs the commands in the README's folder and waits until the site answers.
async function site(script) {
  const folder = mkdtempSync(join(tmpdir(), "gate-"));
  const port = await freePort();
  const program = await start("bash", ["-euc", `cd examples/edge\n${script.replaceAll("8000", port)}`], {
    PATH: `${dirname(PYTHON)}:${process.env.PATH}`,
    PORT: "0",
    TMPDIR: folder,
    PYTHONDONTWRITEBYTECODE: "1",
  });
  stops.push(async () => {
    await program.stop();
    rmSync(folder, { recursive: true });
  });
  const address = () => program.output.match(/(http:\S+) in front of/)?.[1];
  for (let tries = 0; tries < 300; tries += 1) {
    if (address() && (await fetch(`${address()}/admin/login/`)).ok) return address();
    await setTimeout(100);
  }
  throw new Error(program.output);
}

async function signIn(page, address) {
  await page.goto(`${address}/admin/auth/user/?q=ali`);
  assert.equal(page.url(), `${address}/admin/login/?next=%2Fadmin%2Fauth%2Fuser%2F%3Fq%3Dali`);
  await page.fill("#id_username", "ali");
  await page.fill("#id_password", "open-sesame");
  await page.click("input[type=submit]");
}

test("refused, sent to log in, signed in through the gate, let in, signed out, refused", async () => {
  const address = await site(commands);
  const refused = await fetch(`${address}/admin/`);
  assert.deepEqual([refused.status, await refused.json()], [401, { reason: "NoCookie" }]);

  const page = await browser.newPage();
  const failed = [];
  page.on("response", (response) => response.status() >= 400 && failed.push(`${response.status()} ${response.url()}`));
  await signIn(page, address);
  assert.equal(page.url(), `${address}/admin/auth/user/?q=ali`);
  assert.match(await page.textContent("#user-tools"), /ali/);
  assert.deepEqual(failed, []); // the login page's own files are open, too

  await page.click("#logout-form button");
  assert.match(await page.textContent("#content"), /Thanks for spending/);
  await page.goto(`${address}/admin/`);
  assert.equal(page.url(), `${address}/admin/login/?next=%2Fadmin%2F`);
});

test("a site with Django's default engine: the gate names what it sees", async () => {
  assert.ok(commands.includes(ENGINE));
  const address = await site(commands.replace(ENGINE, ""));
  const page = await browser.newPage();
  await signIn(page, address);
  assert.equal(page.url(), `${address}/admin/auth/user/?q=ali`); // let in by Django, and stopped here
  assert.match(await page.textContent("body"), /The site keeps its sessions elsewhere.*signed_cookies.*\(NotSigned\)/s);
  assert.equal(await page.getAttribute("a", "href"), "/admin/login/?next=%2Fadmin%2Fauth%2Fuser%2F%3Fq%3Dali");
});

// worker.mjs in workerd in front of a real Django.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { start } from "../browser/program.mjs";
import { Codec, module } from "../../examples/edge/node.mjs";
import { OLD, SECRET } from "./cases.mjs";
import { ORIGIN, PYTHON } from "./django.mjs";
import { serve } from "./hosts.mjs";
import { hidden } from "./paths.mjs";
import { getRaw } from "./raw.mjs";

const RUN = "examples/edge/run.mjs";
const PATHS = { LOGIN_URL: "/login", OPEN_PATHS: "/ /shared-files/" }; // of origin.py
const WORKERD = "examples/edge/node_modules/workerd/bin/workerd";
const quiet = { PYTHONDONTWRITEBYTECODE: "1" };
const programs = [];
// Gates in front of origins: both know the old secret only; the gate alone has rotated; both have.
let old, rotating, rotated;

async function gate(secrets, origin) {
  const program = await start("node", [RUN], { PORT: "0", ORIGIN: origin.address.replace("http://", ""), ...PATHS, ...environment(secrets) });
  programs.push(program);
  return program.address;
}

async function django(secrets) {
  const program = await start(PYTHON, [ORIGIN], { PORT: "0", ...quiet, ...environment(secrets) });
  programs.push(program);
  return program;
}

function environment([first, ...others]) {
  return { SECRET_KEY: first, SECRET_KEY_FALLBACKS: others.join(" ") };
}

before(async () => {
  const origin = await django([OLD, SECRET]);
  old = await gate([OLD], origin);
  rotating = await gate([SECRET, OLD], origin);
  rotated = await gate([SECRET, OLD], await django([SECRET, OLD]));
});
after(() => Promise.all(programs.map((program) => program.stop())));

const get = (address, path, headers = {}) => fetch(address + path, { headers, redirect: "manual" });
const forwarded = (address) => ({ HTTP_X_FORWARDED_HOST: address.replace("http://", ""), HTTP_X_FORWARDED_PROTO: "http" });
const sessionCookie = (response) => response.headers.getSetCookie().find((cookie) => cookie.startsWith("sessionid="));
const valueOf = (cookie) => cookie.match(/^sessionid=([^;]*)/)[1];

async function signIn(address, query = "user=7") {
  const response = await get(address, `/login?${query}`);
  assert.equal(await response.text(), "in");
  return `sessionid=${valueOf(sessionCookie(response))}`;
}

test("who is signed in reaches the origin, with the user's id", async () => {
  const cookie = await signIn(old);
  const response = await get(old, "/account?page=2", { cookie: `theme=dark; ${cookie}` });
  assert.equal(response.status, 200);
  const { path, headers, session } = await response.json();
  assert.equal(path, "/account?page=2");
  assert.deepEqual(headers, { ...forwarded(old), HTTP_X_SESSION_USER: "7" });
  assert.deepEqual(session, { _auth_user_id: "7", name: "Zoë 🍪" });
  assert.equal(sessionCookie(response), undefined);

  const posted = await fetch(`${old}/account`, { method: "POST", body: "ü=1", headers: { cookie } });
  assert.deepEqual(await posted.json().then(({ method, body }) => ({ method, body })), { method: "POST", body: "ü=1" });
});

test("an id of any characters is one header", async () => {
  const user = 'Zoë\r\nx-session-user: 1, "8"';
  const cookie = await signIn(old, `user=${encodeURIComponent(user)}`);
  const { headers } = await (await get(old, "/account", { cookie })).json();
  assert.equal(decodeURIComponent(headers.HTTP_X_SESSION_USER), user);
});

test("no one else does", async () => {
  const cookie = await signIn(old);
  const stranger = new Codec(module, ["nobody-here-knows-this-one-of-50-characters-or-so-ever"]);
  const codec = new Codec(module, [OLD]);
  const now = Date.now() / 1000;
  const json = '{"_auth_user_id":"7"}';
  for (const [value, reason] of [
    [undefined, "NoCookie"],
    ["", "NotSigned"],
    ["garbage", "NotSigned"],
    [stranger.encode(json).value, "BadSignature"],
    [`${valueOf(cookie)}x`, "BadSignature"],
    [codec.encode(json, now - 1_209_601).value, "Expired"],
    [codec.encode('{"_auth_user_id":"7","_session_expiry":60}', now - 61).value, "SessionExpired"],
    [codec.encode('{"name":"nobody"}').value, "NotSignedIn"],
    [codec.encode('{"_auth_user_id":7}').value, "NotSignedIn"],
    [codec.encode('{"_auth_user_id":"7","a":NaN}').value, "NotSignedIn"],
    ["x".repeat(5000), "TooLong"],
  ]) {
    const headers = value === undefined ? {} : { cookie: `sessionid=${value}` };
    const response = await get(old, "/account", headers);
    assert.equal(response.status, 401);
    assert.equal((await response.json()).reason, reason);
    assert.equal(response.headers.get("cache-control"), "no-store");

    // Where signing in would not help, the user gets a page that names the reason: a redirect might never end.
    const page = await get(old, "/account?a=b", { ...headers, accept: "text/html" });
    const location = "/login?next=%2Faccount%3Fa%3Db";
    const body = await page.text();
    if (["NotSigned", "BadSignature", "TooLong"].includes(reason)) {
      assert.deepEqual([page.status, page.headers.get("content-type")], [401, "text/html; charset=utf-8"]);
      assert.ok(body.includes(`(${reason})`) && body.includes(`href="${location}"`), body);
      assert.ok(!value || !body.includes(value));
    } else {
      assert.deepEqual([page.status, page.headers.get("location"), body], [302, location, ""]);
    }
  }
});

test("only the open paths are open, in no other spelling", async () => {
  for (const [target, seen] of [
    ["/", "/"],
    ["/?next=/account", "/?next=/account"],
    ["/shared-files/", "/shared-files/"],
    ["/shared-files/a%20b.css", "/shared-files/a%20b.css"],
    // These are open under the name that the site sees, and no other.
    ["/account/../shared-files/a.css", "/shared-files/a.css"],
    ["/account/%2e%2E/shared-files/a.css", "/shared-files/a.css"],
    ["/shared-files/..", "/"],
    ["/shared-files//../account", "/shared-files/account"],
    ["/shared-files/\\../account", "/shared-files/account"],
  ]) {
    const { status, body } = await getRaw(old, target);
    assert.equal(status, 200, target);
    assert.equal(JSON.parse(body.replace(/^[^{]*|[^}]*$/g, "")).path, seen, target);
  }
  for (const target of hidden("shared-files")) {
    const { status } = await getRaw(old, target);
    assert.equal(status, 401, target);
  }
});

test("a path that looks like another site is not where the login page sends the user", async () => {
  const page = await getRaw(old, "//other.example/account", "Accept: text/html\r\n");
  assert.deepEqual([page.status, page.location], [302, "/login"]);
});

test("the client's own headers of these names are dropped, in every spelling", async () => {
  const cookie = await signIn(old);
  const names = ["X-Session-User", "x_session_user", "X-Session_User", "X_SESSION-USER", "X-Forwarded-Host", "x_forwarded_host", "X-Forwarded_Proto"];
  const forged = Object.fromEntries(names.map((name) => [name, "1"]));
  for (const [path, headers, expected] of [
    ["/", forged, forwarded(old)],
    ["/account", { ...forged, cookie }, { ...forwarded(old), HTTP_X_SESSION_USER: "7" }],
  ]) {
    const answer = await (await get(old, path, headers)).json();
    assert.deepEqual(answer.headers, expected);
  }
});

test("an old secret's cookie is good until the secret is retired", async () => {
  const cookie = await signIn(old);
  const response = await get(rotating, "/account", { cookie });
  assert.deepEqual((await response.json()).session, { _auth_user_id: "7", name: "Zoë 🍪" });
  assert.equal((await get(await gate([SECRET], programs[0]), "/account", { cookie })).status, 401);
});

test("it sets no cookie of its own, so that a session which the origin refuses gets no new stamp", async () => {
  const cookie = await signIn(old);
  for (const address of [old, rotating, rotated]) {
    for (const path of ["/account", "/shared", ...[302, 401, 403, 500].map((status) => `/account?status=${status}`)]) {
      const response = await get(address, path, { cookie });
      assert.deepEqual(response.headers.getSetCookie(), [], path);
    }
  }
  // What the origin sets passes.
  const cookies = (await get(rotated, "/save", { cookie })).headers.getSetCookie();
  assert.equal(cookies.length, 1);
  assert.match(new Codec(module, [SECRET]).verify(valueOf(cookies[0])).json, /"saved":true/);
});

test("with a wrong setting it does not start, and says what to do, without a stack and without a key", async () => {
  const good = { ...PATHS, ...environment([SECRET]) };
  for (const [env, message] of [
    [environment([""]), /^SECRET_KEY is refused: EmptyKey\. .*Set it to the SECRET_KEY of the site's settings\.$/],
    [environment(["a-short-one"]), /^SECRET_KEY is refused: ShortKey\. .*Make a new one/],
    [environment([SECRET, "a-short-one"]), /^key 1 of SECRET_KEY_FALLBACKS is refused: ShortKey\. /],
    [environment([`django-insecure-${SECRET}`]), /^SECRET_KEY is refused: InsecureKey\. .*startproject.*Make a new one/],
    [environment([`${SECRET}\n`]), /^SECRET_KEY is refused: UntrimmedKey\. .*Remove that/],
    [{ SESSION_COOKIE_NAME: "a b" }, /^SESSION_COOKIE_NAME is refused: /],
    [{ SESSION_COOKIE_AGE: "2 weeks" }, /^SESSION_COOKIE_AGE is refused: /],
    [{ LOGIN_URL: "https://other.example/login" }, /^LOGIN_URL is refused: /],
    [{ LOGIN_URL: "//other.example/login" }, /^LOGIN_URL is refused: /],
    [{ LOGIN_URL: "" }, /^LOGIN_URL is refused: /],
    [{ OPEN_PATHS: "/static/../" }, /^OPEN_PATHS is refused: /],
    [{ OPEN_PATHS: "static" }, /^OPEN_PATHS is refused: /],
  ]) {
    const started = start("node", [RUN], { PORT: "0", ...good, ...env });
    started.then((program) => programs.push(program), () => {}); // so that it ends with the test
    await assert.rejects(started, ({ message: all }) => {
      const [end, ...lines] = all.trim().split("\n");
      assert.match(end, /ended with 2:$/);
      assert.equal(lines.length, 1, all);
      assert.match(lines[0], message);
      for (const secret of [SECRET, "a-short-one"]) assert.ok(!all.includes(secret), all);
      return true;
    });
  }
});

test("without a site behind it, it says so", async () => {
  const closed = createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const { port } = closed.address();
  closed.close();
  const response = await get(await gate([SECRET], { address: `127.0.0.1:${port}` }), "/");
  assert.deepEqual([response.status, await response.text()], [502, "The site does not answer.\n"]);
});

test("with an address as the site, as on Cloudflare", async (t) => {
  const [origin] = programs; // signs with OLD
  const { address, stop } = await serve("gate-fetch.capnp", { env: { ORIGIN: origin.address, SECRET_KEY: OLD } });
  t.after(stop);
  assert.equal((await get(address, "/account")).status, 401);
  const cookie = await signIn(address);
  const posted = await fetch(`${address}/account?page=2`, { method: "POST", body: "ü=1", headers: { cookie } });
  const { session, ...seen } = await posted.json();
  assert.deepEqual(session, { _auth_user_id: "7", name: "Zoë 🍪" });
  assert.deepEqual(seen, { method: "POST", path: "/account?page=2", headers: { ...forwarded(address), HTTP_X_SESSION_USER: "7" }, body: "ü=1" });
  const redirect = await get(address, "/account?status=302", { cookie });
  assert.equal(redirect.status, 302);
  // A path that looks like another site's address stays a path.
  const { status, body } = await getRaw(address, "//other.example/account", `Cookie: ${cookie}\r\n`);
  assert.equal(status, 200);
  assert.match(body, /"path": "\/+other\.example\/account"/);

  for (const wrong of ["", "127.0.0.1:8000", "ftp://127.0.0.1/", "http://127.0.0.1/path"]) {
    const { status, stderr } = spawnSync(WORKERD, ["serve", `${import.meta.dirname}/gate-fetch.capnp`], {
      env: { ORIGIN: wrong, SECRET_KEY: OLD },
      encoding: "utf8",
      timeout: 10_000,
    });
    assert.equal(status, 1);
    assert.match(stderr, /ORIGIN is refused/);
  }
});

test("from its start to the first verified response", async () => {
  const cookie = await signIn(old);
  const options = [`--external-addr=origin=${programs[0].address.replace("http://", "")}`];
  const times = [];
  for (let round = 0; round < 7; round += 1) {
    const begin = performance.now();
    const { address, stop } = await serve("../../examples/edge/config.capnp", { options, env: { ...PATHS, ...environment([OLD]) } });
    const response = await get(address, "/account", { cookie });
    times.push(performance.now() - begin);
    assert.equal(response.status, 200);
    await stop();
  }
  const [fastest, , , median] = times.toSorted((a, b) => a - b).map((time) => time.toFixed(0));
  console.log(`worker start to first verified response: ${median} ms (median of ${times.length}, the fastest ${fastest} ms; aim: 50 ms)`);
});

// The Rust gates: one script of requests, with equal answers from Workers (in workerd) and wasi:http (in wasmtime), in front
// of a real Django.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { start } from "../browser/program.mjs";
import { Codec, module } from "../../examples/edge/node.mjs";
import { OLD, SECRET } from "./cases.mjs";
import { ORIGIN, PYTHON } from "./django.mjs";
import { serve } from "./hosts.mjs";
import { hidden } from "./paths.mjs";
import { getRaw } from "./raw.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const TARGET = here("../../examples/edge-rust/target/");
const WASMTIME = here("../../target/venv-wasmtime/bin/wasmtime");
let origin;

before(async () => {
  origin = await start(PYTHON, [ORIGIN], { PORT: "0", PYTHONDONTWRITEBYTECODE: "1", SECRET_KEY: SECRET });
});
after(() => origin.stop());

// The module of wasm-bindgen in workerd. worker-build does the same, but downloads its tools.
async function workers(env) {
  const folder = join(TARGET, "workers");
  mkdirSync(folder, { recursive: true });
  execFileSync(here("bindgen/target/debug/bindgen"), [join(TARGET, "wasm32-unknown-unknown/debug/gate_workers.wasm"), folder]);
  const files = readdirSync(folder, { recursive: true }).filter((name) => /\.(js|wasm)$/.test(name) && name !== "gate.js");
  const kindOf = (name) => (name.endsWith(".wasm") ? "wasm" : "esModule");
  const modules = files.map((name) => `(name = "${name}", ${kindOf(name)} = embed "${name}")`);
  writeFileSync(join(folder, "config.capnp"), `
    using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [(name = "gate", worker = .gate), (name = "internet", network = (allow = ["private"]))],
      sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "gate")],
    );
    const gate :Workerd.Worker = (
      compatibilityDate = "2026-11-01",
      modules = [(name = "worker.mjs", esModule = embed "${relative(folder, here("rust-worker.mjs"))}"), ${modules.join(", ")}],
      bindings = [(name = "ORIGIN", fromEnvironment = "ORIGIN"), (name = "SECRET_KEY", fromEnvironment = "SECRET_KEY")],
    );`);
  return serve(relative(import.meta.dirname, join(folder, "config.capnp")), { env });
}

async function wasi(env) {
  const component = join(TARGET, "wasm32-wasip2/debug/gate-wasi.wasm");
  return start(WASMTIME, ["serve", "-Scli", "--addr=127.0.0.1:0", "--env=SECRET_KEY", "--env=ORIGIN", component], env);
}

for (const host of [workers, wasi]) {
  test(`refused, sent to log in, let in: ${host.name}`, async (t) => {
    const { address, stop } = await host({ SECRET_KEY: SECRET, ORIGIN: origin.address });
    t.after(stop);
    const codec = new Codec(module, [SECRET]);
    const ask = (path, headers = {}, options = {}) => fetch(address + path, { headers, redirect: "manual", ...options });
    const cookieOf = (json, now) => `theme=dark; sessionid=${codec.encode(json, now).value}`;
    const cookie = cookieOf('{"_auth_user_id":"Zoë 7"}');

    for (const [headers, reason, pageStatus] of [
      [{}, "NoCookie", 302],
      [{ cookie: cookieOf("{}") }, "NotSignedIn", 302],
      [{ cookie: cookieOf('{"_auth_user_id":"7"}', Date.now() / 1000 - 1_209_601) }, "Expired", 302],
      [{ cookie: "sessionid=wr8ow3ej5xwmi7mq2v8fd1j5mmgrhqf4" }, "NotSigned", 401],
      [{ cookie: `sessionid=${new Codec(module, [OLD]).encode('{"_auth_user_id":"7"}').value}` }, "BadSignature", 401],
    ]) {
      const refused = await ask("/account?a=b", headers);
      assert.deepEqual([refused.status, await refused.text()], [401, `${reason}\n`]);
      const page = await ask("/account?a=b", { ...headers, accept: "text/html" });
      const location = pageStatus === 302 ? "/admin/login/?next=%2Faccount%3Fa%3Db" : null;
      assert.deepEqual([page.status, page.headers.get("location")], [pageStatus, location]);
      assert.equal(page.headers.get("cache-control"), "no-store");
    }

    const forwarded = { HTTP_X_FORWARDED_HOST: address.replace("http://", ""), HTTP_X_FORWARDED_PROTO: "http" };
    const forged = { "X-Session-User": "1", "x_session_user": "1", "X-Session_User": "1", "x_forwarded_host": "1", "X-Forwarded-Proto": "1" };
    const open = await (await ask("/static/a.css?v=1", forged)).json();
    assert.deepEqual([open.path, open.headers], ["/static/a.css?v=1", forwarded]);
    const posted = await ask("/account?a=b", { ...forged, cookie }, { method: "POST", body: "ü=1" });
    const { session, ...seen } = await posted.json();
    assert.deepEqual(seen, { method: "POST", path: "/account?a=b", headers: { ...forwarded, HTTP_X_SESSION_USER: "Zo%C3%AB%207" }, body: "ü=1" });
    assert.deepEqual(session, { _auth_user_id: "Zoë 7" });
    assert.equal((await ask("/account?status=302", { cookie })).status, 302);
    assert.equal((await ask("/static/login", {})).headers.getSetCookie().length, 0);

    for (const path of hidden("static")) {
      const { status } = await getRaw(address, path);
      assert.ok(status === 401 || status === 400, `${path}: ${status}`);
    }
    const elsewhere = await getRaw(address, "//other.example/account", "Accept: text/html\r\n");
    assert.deepEqual([elsewhere.status, elsewhere.location], [302, "/admin/login/"]);
    // A path that looks like another host goes to the site all the same.
    const { body } = await getRaw(address, "//other.example/account", `Cookie: ${cookie}\r\n`);
    assert.match(body, /"path": "\/+other\.example\/account"/);
    console.log(`${host.name}: the gate in Rust answers as it should`);
  });
}

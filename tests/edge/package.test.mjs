// The npm package, installed from its tarball: what is in it, and that every host and bundler gets the same answers from it.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import * as vite from "vite";
import webpack from "webpack";
import { launch } from "../browser/chromium.mjs";
import * as edge from "../../examples/edge/node.mjs";
import { answers } from "./answers.mjs";
import { CASES, NOW, OLD, SECRET } from "./cases.mjs";
import { serve } from "./hosts.mjs";
import { README, install, run, snippet, tool } from "./package.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const question = {
  secrets: [SECRET, OLD],
  options: { maxAge: 1_000_000 },
  calls: [
    ...CASES.map(({ cookie }) => ["verifyHeader", `theme=dark; sessionid=${cookie}`, NOW]),
    ["encode", JSON.stringify({ text: "compressible ".repeat(50) }), NOW],
  ],
};
const expected = JSON.parse(JSON.stringify(answers(edge, question)));
const installed = install(question);
const { project, output, write } = installed;
const browser = await launch();
after(async () => {
  await browser.close();
  installed.remove();
});

function assertAnswers(printed) {
  assert.deepEqual(JSON.parse(printed), expected);
}
const node = (...arguments_) => run(process.execPath, arguments_, { cwd: project });

// What a page prints whose only script is this one.
async function printed(folder, script) {
  const types = { js: "text/javascript", wasm: "application/wasm" };
  const page = `<!doctype html><title>package</title><script type="module" src="${script}"></script>`;
  const server = createServer((request, response) => {
    const file = join(folder, request.url);
    const isFile = existsSync(file) && request.url !== "/";
    response.setHeader("content-type", isFile ? types[file.split(".").at(-1)] : "text/html");
    response.end(isFile ? readFileSync(file) : page);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const tab = await browser.newPage();
  try {
    const [message] = await Promise.all([
      Promise.race([tab.waitForEvent("console"), tab.waitForEvent("pageerror").then((error) => Promise.reject(error))]),
      tab.goto(`http://127.0.0.1:${server.address().port}/`),
    ]);
    return message.text();
  } finally {
    await tab.close();
    server.close();
  }
}

// What a worker answers to a request, with all files of a folder as its modules.
async function worked(folder, main, { headers = {}, env = {} } = {}) {
  const modules = [main, ...readdirSync(folder).filter((name) => name !== main)];
  const kind = (name) => (name.endsWith(".wasm") ? "wasm" : "esModule");
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  compatibilityDate = "2026-11-01",
  modules = [${modules.map((name) => `(name = "${name}", ${kind(name)} = embed "${name}")`).join(", ")}],
  bindings = [${Object.keys(env).map((name) => `(name = "${name}", fromEnvironment = "${name}")`).join(", ")}],
);
`,
  );
  const { address, stop } = await serve(pathToFileURL(join(folder, "config.capnp")), { env });
  try {
    const response = await fetch(address, { headers });
    return { status: response.status, text: await response.text() };
  } finally {
    await stop();
  }
}

test("the tarball holds the package, its README and its licences, and nothing else", () => {
  assert.deepEqual(installed.files, [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "edge-light.mjs",
    "glue.mjs",
    "index.d.ts",
    "inline.mjs",
    "node.mjs",
    "package.json",
    "session.wasm",
    "session.wasm.d.ts",
    "session.wasm.mjs",
    "web.mjs",
    "workerd.mjs",
  ]);
  const unpacked = (name) => readFileSync(join(project, "node_modules/hardtack-edge", name), "utf8");
  for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"]) assert.equal(unpacked(licence), readFileSync(here(`../../${licence}`), "utf8"));
  const manifest = JSON.parse(unpacked("package.json"));
  const crate = readFileSync(here("../../examples/edge/Cargo.toml"), "utf8");
  for (const name of ["name", "version", "license"]) assert.ok(crate.includes(`\n${name} = "${manifest[name]}"\n`), name);
  const [, repository] = /^repository = "(.*)"$/m.exec(readFileSync(here("../../Cargo.toml"), "utf8"));
  assert.deepEqual(manifest.repository, { type: "git", url: `git+${repository}.git`, directory: "examples/edge/npm" });
  // npm shows the README without the repository around it.
  assert.deepEqual([...README.matchAll(/\]\((?!https:|#)[^)]*\)/g)].map(([link]) => link), []);
  assert.deepEqual(Object.keys(JSON.parse(node("--input-type=module", "-e", 'console.log(JSON.stringify(await import("hardtack-edge")))'))), ["module"]);
});

test("publint and Are The Types Wrong find nothing", async () => {
  const pkgDir = join(project, "node_modules/hardtack-edge");
  const { messages, pkg } = await publint({ pkgDir, strict: true });
  assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
  // The package has no CommonJS: Node's own require takes ES modules.
  run(tool("attw"), ["--profile", "esm-only", installed.tarball]);
});

test("types: TypeScript, strict, in each way that it resolves packages", () => {
  write("types.ts", readFileSync(here("package-types.ts"), "utf8"));
  const bundler = ["--module", "esnext", "--moduleResolution", "bundler"];
  for (const options of [
    ["--module", "nodenext"],
    bundler,
    ["--module", "nodenext", "--lib", "es2024", "--types", "node"],
    [...bundler, "--lib", "es2024", "--types", here("node_modules/@cloudflare/workers-types")],
  ]) {
    run(tool("tsc"), ["--noEmit", "--strict", "--target", "es2022", "--typeRoots", here("node_modules/@types"), ...options, "types.ts"], { cwd: project });
  }
});

for (const name of ["main", "inline"]) {
  test(`Node, import and require: ${name}`, () => {
    assertAnswers(node(`${name}.mjs`));
    assertAnswers(node(`${name}.cjs`));
  });

  test(`Deno and Bun: ${name}`, () => {
    const env = { ...process.env, DENO_DIR: output(`deno-${name}`), DENO_NO_UPDATE_CHECK: "1" };
    const permissions = name === "main" ? ["--allow-read"] : [];
    assertAnswers(run(tool("deno"), ["run", "--no-prompt", ...permissions, `${name}.mjs`], { cwd: project, env }));
    assertAnswers(run(tool("bun"), [`${name}.mjs`], { cwd: project }));
  });

  test(`workerd: ${name}`, async () => {
    const outdir = output(`workerd-${name}`);
    await bundled({ entryPoints: [`${name}-worker.mjs`], outdir, conditions: ["workerd"], format: "esm", loader: { ".wasm": "copy" } });
    // Both entries import the module, compiled: requests may not compile.
    assert.ok(readdirSync(outdir).some((file) => file.endsWith(".wasm")));
    assertAnswers((await worked(outdir, `${name}-worker.js`)).text);
  });
}

const bundled = (options) => esbuild.build({ absWorkingDir: project, bundle: true, logLevel: "silent", ...options });

test("esbuild, for Node and for browsers: inline", async () => {
  for (const [format, extension] of [["cjs", ".cjs"], ["esm", ".mjs"]]) {
    const outdir = output(`esbuild-${format}`);
    await bundled({ entryPoints: ["inline.mjs"], outdir, platform: "node", format, outExtension: { ".js": extension } });
    assertAnswers(run(process.execPath, [join(outdir, `inline${extension}`)]));
  }
  for (const format of ["iife", "esm"]) {
    const outdir = output(`esbuild-browser-${format}`);
    await bundled({ entryPoints: ["inline.mjs"], outdir, format, minify: true });
    assertAnswers(await printed(outdir, "inline.js"));
  }
});

test("a bundle without session.wasm says which entry has it", async () => {
  const outdir = output("esbuild-main");
  await bundled({ entryPoints: ["main.mjs"], outdir, platform: "node", format: "esm", outExtension: { ".js": ".mjs" } });
  assert.throws(() => run(process.execPath, [join(outdir, "main.mjs")]), /session\.wasm cannot be read: ENOENT.*import "hardtack-edge\/inline" instead/);
});

test("bun build --compile: inline", () => {
  const folder = output("bun-compiled");
  run(tool("bun"), ["build", "--compile", "inline.mjs", "--outfile", join(folder, "program")], { cwd: project });
  assertAnswers(run(join(folder, "program"), [], { cwd: folder }));
});

test("Vite: main and inline, in Chromium", async () => {
  for (const name of ["main", "inline"]) {
    const outDir = output(`vite-${name}`);
    await vite.build({ root: project, configFile: false, logLevel: "silent", build: { outDir, rolldownOptions: { input: join(project, `${name}.mjs`) } } });
    const script = readdirSync(join(outDir, "assets")).find((file) => file.endsWith(".js"));
    assertAnswers(await printed(outDir, `assets/${script}`));
  }
});

test("webpack: main and inline, in Chromium and in Node", async () => {
  for (const target of ["web", "node"]) {
    const path = output(`webpack-${target}`);
    const entry = { main: "./main.mjs", inline: "./inline.mjs" };
    const stats = await new Promise((resolve, reject) => {
      webpack({ mode: "production", context: project, entry, target, output: { path }, performance: false }, (error, stats) => (error ? reject(error) : resolve(stats)));
    });
    assert.deepEqual([stats.compilation.errors, stats.compilation.warnings], [[], []]);
    for (const name of Object.keys(entry)) {
      assertAnswers(target === "web" ? await printed(path, `${name}.js`) : run(process.execPath, [join(path, `${name}.js`)]));
    }
  }
});

test("each reason that the README names, and each that occurs, has a type", () => {
  const types = readFileSync(here("../../examples/edge/index.d.ts"), "utf8");
  const typed = new Set([...types.matchAll(/^  \| "(\w+)"/gm)].map(([, reason]) => reason));
  const section = README.slice(README.indexOf("## Why a cookie was refused"), README.indexOf("## What to know"));
  const named = [...section.matchAll(/^\| `([A-Z]\w+)` \|/gm)].map(([, reason]) => reason);
  const occurred = expected.flatMap(({ reason }) => reason ?? []);
  assert.ok(named.length > 5 && occurred.length > 5);
  assert.deepEqual([...named, ...occurred].filter((reason) => !typed.has(reason)), []);
});

test("the README's code runs as it stands", async () => {
  const { value } = new edge.Codec(edge.module, [SECRET]).encode('{"_auth_user_id":"7"}');
  write("user.mjs", snippet("export function userId"));
  const asked = `import { userId } from "./user.mjs"; console.log(userId("sessionid=${value}"), userId("sessionid=${value}x"), userId(undefined))`;
  write("asked.mjs", asked);
  assert.equal(run(process.execPath, ["asked.mjs"], { cwd: project, env: { ...process.env, SECRET_KEY: SECRET } }), "7 undefined undefined\n");

  write("readme-worker.mjs", snippet("cloudflare:workers"));
  const outdir = output("readme-worker");
  await bundled({ entryPoints: ["readme-worker.mjs"], outdir, conditions: ["workerd"], format: "esm", loader: { ".wasm": "copy" }, external: ["cloudflare:workers"] });
  const env = { SECRET_KEY: SECRET };
  assert.deepEqual(await worked(outdir, "readme-worker.js", { env, headers: { cookie: `sessionid=${value}` } }), { status: 200, text: "user 7\n" });
});

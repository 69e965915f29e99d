// The hosts of the package. Each passes a question to answers.mjs and returns its answers.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { launch } from "../browser/chromium.mjs";
import * as edge from "../../examples/edge/node.mjs";
import { answers } from "./answers.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

export const node = { name: "Node", ask: async (question) => answers(edge, question), stop: async () => {} };

// Starts workerd with a configuration on any free port, and returns its address. Fails with workerd's output if it ends
// before it listens.
export async function serve(config, { options = [], env = {} } = {}) {
  const program = here("../../examples/edge/node_modules/workerd/bin/workerd");
  const child = spawn(program, ["serve", here(config), "--socket-addr=http=127.0.0.1:0", "--control-fd=3", ...options], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const ended = once(child, "close");
  const failed = ended.then(([code, signal]) => {
    throw new Error(`workerd ended with ${signal ?? code}: ${output}`);
  });
  const [line] = await Promise.race([once(createInterface({ input: child.stdio[3] }), "line"), failed]);
  child.stdout.pipe(process.stdout);
  child.stderr.pipe(process.stderr);
  return {
    address: `http://127.0.0.1:${JSON.parse(line).port}`,
    async stop() {
      child.kill();
      await ended;
    },
  };
}

export async function workerd() {
  const { address, stop } = await serve("answers.capnp");
  return {
    name: "workerd",
    async ask(question) {
      const response = await fetch(address, { method: "POST", body: JSON.stringify(question) });
      if (!response.ok) throw new Error(await response.text());
      return response.json();
    },
    stop,
  };
}

export async function chromium() {
  const types = { mjs: "text/javascript", wasm: "application/wasm", html: "text/html" };
  const server = createServer((request, response) => {
    const name = request.url.slice(1);
    const file = { "answers.mjs": here("answers.mjs") }[name] ?? here(`../../examples/edge/${name}`);
    const page = "<!doctype html><title>edge</title>";
    response.setHeader("content-type", types[name.split(".").at(-1)] ?? types.html);
    response.end(existsSync(file) && name ? readFileSync(file) : page);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const browser = await launch();
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  return {
    name: "Chromium",
    ask: (question) =>
      page.evaluate(async (question) => {
        const [edge, { answers }] = await Promise.all([import("/web.mjs"), import("/answers.mjs")]);
        return answers(edge, question);
      }, question),
    async stop() {
      await browser.close();
      server.close();
    },
  };
}

// The hosts in which the bench runs. A host has a name and candidates, and returns how many milliseconds `count` reads took.
import { build } from "esbuild";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as edge from "../../examples/edge/node.mjs";
import { Bench } from "./bench.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

export async function node() {
  const bench = await Bench.open(edge);
  return {
    name: "Node",
    version: process.version,
    ...bench.describe(),
    async time(name, count) {
      const start = performance.now();
      await bench.run(name, count);
      return performance.now() - start;
    },
    stop: async () => {},
  };
}

export async function workerd() {
  await build({
    entryPoints: [here("worker.mjs")],
    outfile: here("../../target/edge-bench/worker.mjs"),
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker"],
    external: ["node:*", "*.wasm"],
    logLevel: "error",
  });
  const program = here("node_modules/workerd/bin/workerd");
  const child = spawn(program, ["serve", here("worker.capnp"), "--control-fd=3"], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const stop = () => child.kill();
  process.once("exit", stop);
  const ended = once(child, "exit");
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdio[3] }), "line"),
    ended.then(([code]) => { throw new Error(`workerd ended with ${code}`); }),
  ]);
  const address = `http://127.0.0.1:${JSON.parse(line).port}`;

  async function ask(path) {
    const response = await fetch(address + path);
    const answer = await response.text();
    if (!response.ok) throw new Error(`${path}: ${answer}`);
    return answer;
  }

  return {
    name: "workerd",
    version: execFileSync(program, ["--version"], { encoding: "utf8" }).trim().replace("workerd ", ""),
    ...JSON.parse(await ask("/open")),
    async time(name, count) {
      const path = `/run?${new URLSearchParams({ name, count })}`;
      const start = performance.now();
      await ask(path);
      return performance.now() - start;
    },
    async stop() {
      stop();
      await ended;
    },
  };
}

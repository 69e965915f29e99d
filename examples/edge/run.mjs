// Runs worker.mjs in workerd on loopback: PORT (default 8787, 0: a free one) in front of ORIGIN, a host and port (default
// 127.0.0.1:8000). README.md lists the other variables.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as edge from "./node.mjs";
import { readSettings } from "./settings.mjs";

const { PORT = "8787", ORIGIN = "127.0.0.1:8000" } = process.env;
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

try {
  readSettings(process.env, edge); // the worker does the same, but workerd would print a stack
} catch ({ message }) {
  console.error(message);
  process.exit(2);
}
const workerd = spawn(
  here("node_modules/workerd/bin/workerd"),
  ["serve", here("config.capnp"), `--socket-addr=http=127.0.0.1:${PORT}`, `--external-addr=origin=${ORIGIN}`, "--control-fd=3"],
  { stdio: ["ignore", "inherit", "inherit", "pipe"] },
);
createInterface({ input: workerd.stdio[3] }).on("line", (line) => {
  const { event, port } = JSON.parse(line);
  if (event === "listen") console.log(`http://127.0.0.1:${port} in front of ${ORIGIN}`);
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => workerd.kill());
workerd.on("error", (error) => { throw error; });
workerd.on("exit", (code) => process.exit(code ?? 0));

// Runs worker.mjs in workerd on loopback: PORT (default 8787, 0: a free one) in front of ORIGIN (default 127.0.0.1:8000).
// The secrets are SECRET_KEY and, separated by white space, SECRET_KEY_FALLBACKS.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const { PORT = "8787", ORIGIN = "127.0.0.1:8000" } = process.env;
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
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

// A program that serves a page and prints its address, as the examples do.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

// Starts it at the root of the repository, and waits until it prints an address. `output` is its output so far; `stop`
// ends it and all processes that it started.
export async function start(command, args, env = {}) {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // a process group of its own, so that it ends as a whole
  });
  const program = { pid: child.pid, address: null, output: "", stop };
  const found = new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        program.output += `${line}\n`;
        program.address ??= line.match(/https?:\/\/(localhost|127\.0\.0\.1)(:\d+)?/)?.[0] ?? null;
        if (program.address) resolve();
      });
    }
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`${command} ended with ${code}:\n${program.output}`)));
  });

  async function stop() {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    process.kill(-child.pid, "SIGTERM");
    await ended;
  }

  await found;
  return program;
}

// Cargo's runner for wasm32-wasip1: runs a test program in Node. The repository is the only folder that the program sees.
import { readFileSync } from "node:fs";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { WASI } from "node:wasi";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const [program, ...args] = argv.slice(2);

const wasi = new WASI({
  version: "preview1",
  args: [program, ...args],
  env: { RUST_BACKTRACE: "0" },
  preopens: { [ROOT]: ROOT },
});
const module = new WebAssembly.Module(readFileSync(program));
process.exitCode = wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()));

import { readFileSync } from "node:fs";

export { Codec } from "./glue.mjs";
export const module = new WebAssembly.Module(read());

function read() {
  try {
    return readFileSync(new URL("session.wasm", import.meta.url));
  } catch (cause) {
    const advice = "If a bundler left it out, import \"hardtack-edge/inline\" instead.";
    throw new Error(`session.wasm cannot be read: ${cause.message}. ${advice}`, { cause });
  }
}

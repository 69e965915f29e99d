import { readFileSync } from "node:fs";

export { Codec } from "./glue.mjs";
export const module = new WebAssembly.Module(readFileSync(new URL("session.wasm", import.meta.url)));

export { Codec } from "./glue.mjs";
export const module = await WebAssembly.compileStreaming(fetch(new URL("session.wasm", import.meta.url)));

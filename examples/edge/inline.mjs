import { BASE64 } from "./session.wasm.mjs";

export { Codec } from "./glue.mjs";
// Compiled synchronously, because a bundle in CommonJS has no top-level await.
export const module = new WebAssembly.Module(Uint8Array.from(atob(BASE64), (char) => char.charCodeAt(0)));

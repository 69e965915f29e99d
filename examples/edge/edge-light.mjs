// As in workerd.mjs, in the spelling of Vercel's edge runtime.
export { Codec } from "./glue.mjs";
export { default as module } from "./session.wasm?module";

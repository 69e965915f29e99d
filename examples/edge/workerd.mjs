// Workers compile no code while they run; what is imported comes compiled.
export { Codec } from "./glue.mjs";
export { default as module } from "./session.wasm";

import type { Module } from "./index.js";

/** `session.wasm`, compiled: this is what an import of it gives in Workers. Other hosts and bundlers give something else. */
declare const module: Module;
export default module;

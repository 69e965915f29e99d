// What worker-build writes around the module: it becomes a worker. worker-build itself downloads its tools.
import { WorkerEntrypoint } from "cloudflare:workers";
import * as gate from "./gate_bg.js";
import module from "./gate_bg.wasm";

const { exports } = new WebAssembly.Instance(module, { "./gate_bg.js": gate });
gate.__wbg_set_wasm(exports);
exports.__wbindgen_start();

export default class extends WorkerEntrypoint {
  fetch(request) {
    return gate.fetch.call(this, request, this.env, this.ctx);
  }
}

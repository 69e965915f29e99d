# The gate as on Cloudflare (wrangler.jsonc): ORIGIN is an address, which it may connect to on this machine.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "gate", worker = .gate), (name = "internet", network = (allow = ["private"]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "gate")],
);

const gate :Workerd.Worker = (
  compatibilityDate = "2026-11-01",
  modules = [
    (name = "worker.mjs", esModule = embed "../../examples/edge/worker.mjs"),
    (name = "settings.mjs", esModule = embed "../../examples/edge/settings.mjs"),
    (name = "paths.mjs", esModule = embed "../../examples/edge/paths.mjs"),
    (name = "workerd.mjs", esModule = embed "../../examples/edge/workerd.mjs"),
    (name = "glue.mjs", esModule = embed "../../examples/edge/glue.mjs"),
    (name = "session.wasm", wasm = embed "../../examples/edge/session.wasm"),
  ],
  bindings = [
    (name = "ORIGIN", fromEnvironment = "ORIGIN"),
    (name = "LOGIN_URL", text = "/login"),
    (name = "SECRET_KEY", fromEnvironment = "SECRET_KEY"),
  ],
);

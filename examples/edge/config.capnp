# workerd serve config.capnp, which `node run.mjs` does. Loopback only.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "gate", worker = .gate),
    (name = "origin", external = (address = "127.0.0.1:8000", http = ())),
  ],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "gate")],
);

const gate :Workerd.Worker = (
  compatibilityDate = "2026-11-01",
  modules = [
    (name = "worker.mjs", esModule = embed "worker.mjs"),
    (name = "workerd.mjs", esModule = embed "workerd.mjs"),
    (name = "glue.mjs", esModule = embed "glue.mjs"),
    (name = "session.wasm", wasm = embed "session.wasm"),
  ],
  bindings = [
    (name = "SECRET_KEY", fromEnvironment = "SECRET_KEY"),
    (name = "SECRET_KEY_FALLBACKS", fromEnvironment = "SECRET_KEY_FALLBACKS"),
    (name = "ORIGIN", service = "origin"),
  ],
);

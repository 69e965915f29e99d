# The bench in workerd, on loopback only.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "bench", worker = .bench)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "bench")],
);

const bench :Workerd.Worker = (
  compatibilityDate = "2026-11-01", # before 2026-08-04 node:crypto needs the flag nodejs_compat
  modules = [
    (name = "worker.mjs", esModule = embed "../../target/edge-bench/worker.mjs"),
    (name = "session.wasm", wasm = embed "../../examples/edge/session.wasm"),
  ],
);

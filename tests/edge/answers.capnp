# The package in workerd, which answers calls over HTTP.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "answers", worker = .answers)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "answers")],
);

const answers :Workerd.Worker = (
  compatibilityDate = "2026-11-01",
  modules = [
    (name = "worker.mjs", esModule = embed "answers-worker.mjs"),
    (name = "answers.mjs", esModule = embed "answers.mjs"),
    (name = "workerd.mjs", esModule = embed "../../examples/edge/workerd.mjs"),
    (name = "glue.mjs", esModule = embed "../../examples/edge/glue.mjs"),
    (name = "session.wasm", wasm = embed "../../examples/edge/session.wasm"),
  ],
);

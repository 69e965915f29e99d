# The gate in workerd, on loopback: `node run.mjs` starts it. The site is a service binding, so it gets the client's Host
# header. wrangler.jsonc is the same gate for Cloudflare, where ORIGIN is an address.
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
    (name = "settings.mjs", esModule = embed "settings.mjs"),
    (name = "paths.mjs", esModule = embed "paths.mjs"),
    (name = "workerd.mjs", esModule = embed "workerd.mjs"),
    (name = "glue.mjs", esModule = embed "glue.mjs"),
    (name = "session.wasm", wasm = embed "session.wasm"),
  ],
  bindings = [
    (name = "ORIGIN", service = "origin"),
    (name = "SECRET_KEY", fromEnvironment = "SECRET_KEY"),
    (name = "SECRET_KEY_FALLBACKS", fromEnvironment = "SECRET_KEY_FALLBACKS"),
    (name = "SESSION_COOKIE_NAME", fromEnvironment = "SESSION_COOKIE_NAME"),
    (name = "SESSION_COOKIE_AGE", fromEnvironment = "SESSION_COOKIE_AGE"),
    (name = "LOGIN_URL", fromEnvironment = "LOGIN_URL"),
    (name = "OPEN_PATHS", fromEnvironment = "OPEN_PATHS"),
  ],
);

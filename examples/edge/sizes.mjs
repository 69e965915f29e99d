// Builds the module with and without encoding. Prints the size of each beside the size that it should not exceed, and which
// crates the code comes from.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

const KB = 1024;
const folder = mkdtempSync(join(tmpdir(), "edge-"));

function build(options, env = {}) {
  const out = join(folder, "session.wasm");
  execFileSync(fileURLToPath(new URL("build.sh", import.meta.url)), options, { env: { ...process.env, ...env, OUT: out }, stdio: ["ignore", "ignore", "pipe"] });
  return readFileSync(out);
}

function size(name, options, mostRaw, mostBrotli, env) {
  const module = build(options, env);
  const kb = (bytes) => (bytes / KB).toFixed(1);
  const brotli = brotliCompressSync(module).length;
  console.log(`size of ${name}: ${kb(module.length)} KB, ${kb(brotli)} KB with brotli (aim: ${mostRaw} KB, ${mostBrotli} KB)`);
}

// Returns the sizes of the module's sections, and of each function in its code section.
function measure(module) {
  let at = 8;
  const number = () => {
    let [value, shift, byte] = [0, 0];
    do {
      byte = module[at++];
      value += (byte & 127) * 2 ** shift;
      shift += 7;
    } while (byte & 128);
    return value;
  };
  const text = (length) => module.toString("utf8", at, (at += length));
  const sections = { code: 0, data: 0, others: 0 };
  const functions = [];
  const names = new Map();
  const readCode = () => {
    for (let left = number(); left > 0; left -= 1) {
      const bytes = number();
      functions.push(bytes);
      at += bytes;
    }
  };
  const readNames = (end) => {
    while (at < end) {
      const kind = module[at++];
      const next = number() + at;
      if (kind === 1) for (let left = number(); left > 0; left -= 1) names.set(number(), text(number()));
      at = next;
    }
  };
  while (at < module.length) {
    const kind = module[at++];
    const bytes = number();
    const end = at + bytes;
    if (kind === 10) {
      sections.code = bytes;
      readCode();
    } else if (kind === 11) {
      sections.data = bytes;
    } else if (kind === 0 && text(number()) === "name") {
      readNames(end);
    } else if (kind !== 0) {
      sections.others += bytes;
    }
    at = end;
  }
  // The module imports no functions, so the index of its own first one is 0.
  return { sections, functions: functions.map((bytes, index) => ({ bytes, name: names.get(index) ?? "" })) };
}

// Returns the crate in which a function is written, from its mangled name. Another crate may have instantiated it.
function crateOf(name) {
  const [, length, rest] = name.match(/C(?:s[0-9A-Za-z]*_)(\d+)(.*)/) ?? [];
  if (length !== undefined) return rest.replace(/^_/, "").slice(0, Number(length));
  return /^(__|mem)/.test(name) ? "compiler_builtins" : "session"; // exported functions keep their names
}

function grouped(functions) {
  const crates = new Map();
  for (const each of functions) {
    const crate = crateOf(each.name);
    crates.set(crate, [...(crates.get(crate) ?? []), each]);
  }
  return crates;
}

function table(module) {
  const { sections, functions } = measure(module);
  const crates = grouped(functions);
  const rows = [...crates].map(([crate, own]) => ({
    crate,
    bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
    largest: own.toSorted((a, b) => b.bytes - a.bytes)[0],
  }));
  console.log("code by crate, verify + encode; inlined code counts as its caller's, such as inflate as session's:");
  for (const { crate, bytes, largest } of rows.toSorted((a, b) => b.bytes - a.bytes)) {
    const short = largest.name.match(/[A-Za-z_][a-z_]*[0-9a-z_]*$/)?.[0] ?? largest.name;
    console.log(`  ${String(bytes).padStart(6)}  ${crate.padEnd(18)} largest: ${largest.bytes} ${short}`);
  }
  console.log(`  ${String(sections.data).padStart(6)}  data: tables, and the names of errors`);
  console.log(`  ${String(sections.others).padStart(6)}  types, exports and other sections`);
}

try {
  size("verify", ["--no-default-features"], 30, 12);
  size("verify + encode", [], 54, 22);
  size("verify, with simd128", ["--no-default-features"], 30, 12, { SIMD: "1" });
  const { memory, input, add_secret, open, encode } = new WebAssembly.Instance(new WebAssembly.Module(build([]))).exports;
  console.log(`memory at start: ${memory.buffer.byteLength / KB} KB (aim: 128 KB)`);
  const write = (text) => new TextEncoder().encodeInto(text, new Uint8Array(memory.buffer, input(3 * text.length), 3 * text.length)).written;
  add_secret(write("an-example-of-50-characters-or-so-made-by-a-generator"));
  open(write("sessionid"), 1_209_600, 1);
  const session = JSON.stringify(Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`key ${n}`, `a text of the session ${n * n}`])));
  encode(write(session), 1_760_000_000);
  console.log(`memory after an encode of ${session.length} bytes of JSON: ${memory.buffer.byteLength / KB} KB (aim: 128 KB)`);
  table(build([], { NAMES: "1" }));
} finally {
  rmSync(folder, { recursive: true });
}

// The page's calls to the wasm module: JSON in, JSON out. The other side is module/src/lib.rs.
import { BASE64 } from "./inspector.wasm.mjs";

const bytes = Uint8Array.from(atob(BASE64), (unit) => unit.charCodeAt(0));
const { instance } = await WebAssembly.instantiate(bytes, {});
const { memory, input, output_length: outputLength, ...calls } = instance.exports;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function call(name, request) {
  // Half a character cannot be written in UTF-8. In a paste it is garbage; no key has one.
  const text = encoder.encode(JSON.stringify(request, (_, value) => (typeof value === "string" ? value.toWellFormed() : value)));
  const at = input(text.length);
  new Uint8Array(memory.buffer, at, text.length).set(text);
  const answer = calls[name]();
  // The memory may have grown, and then the first view is empty.
  return JSON.parse(decoder.decode(new Uint8Array(memory.buffer, answer, outputLength())));
}

// Returns the report on a paste. The secret, the fallback keys and the salt are as typed, and may be empty.
export const inspect = (paste, { secret, fallbacks, salt, now }) => call("inspect", { paste, secret, fallbacks, salt, now });

// The value of a session's cookie.
export const encode = (json, secret, now) => call("encode", { json, secret, now });

// The salts that are tried: { salt, use_ }.
export const salts = () => call("salts", null);

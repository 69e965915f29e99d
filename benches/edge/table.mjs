// What is printed: one line for each candidate, and what it comes to.
import { COMPRESSED, PLAIN } from "./candidates/index.mjs";

const columns = (host, name, ...others) => `${host.padEnd(9)}${name.padEnd(45)}${others.map((text) => text.padStart(15)).join("")}`;
const pair = ({ minimum, median }, digits) => `${minimum.toFixed(digits)} / ${median.toFixed(digits)}`;
const ratio = (one, other) => ({ minimum: one.minimum / other.minimum, median: one.median / other.median });

export function table(host, results, compressed, plain) {
  return [
    columns("host", "minimum / median", "cookie bytes", "us", "to wasm", "to wasm, plain"),
    ...results.map((result) =>
      columns(host, result.name, String(result.bytes), pair(result, 1), pair(ratio(result, compressed), 2), pair(ratio(result, plain), 2)),
    ),
  ];
}

export function sentences(host, of) {
  const times = (name, base) => pair(ratio(of(name), of(base)), 1);
  return [
    `${host}: native crypto takes ${times("node:crypto + zlib, compressed", COMPRESSED)} of the wasm's time, without compression ${times("node:crypto, plain", PLAIN)}.`,
    `${host}: the standard web API takes ${times("WebCrypto + DecompressionStream, compressed", COMPRESSED)}, without compression ${times("WebCrypto, plain", PLAIN)}.`,
    `${host}: iron-session takes ${times("iron-session, encrypted", COMPRESSED)}; it encrypts as well, the others only sign.`,
  ];
}

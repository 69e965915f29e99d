// The output: one line for each candidate, and a summary.
import { COMPRESSED, PLAIN } from "./candidates/index.mjs";

const ratio = (one, other) => ({ minimum: one.minimum / other.minimum, median: one.median / other.median });
const pair = ({ minimum, median }, digits) => `${minimum.toFixed(digits)} / ${median.toFixed(digits)}`;
const line = (host, name, ...columns) => host.padEnd(9) + name.padEnd(45) + columns.map((text) => text.padStart(15)).join("");

// Times and ratios are given for the minimum and for the median.
export function table(host, results, compressed, plain) {
  const rows = results.map((result) => {
    const ratios = [compressed, plain].map((base) => pair(ratio(result, base), 2));
    return line(host, result.name, String(result.bytes), pair(result, 1), ...ratios);
  });
  return [line("host", "minimum / median", "cookie bytes", "us", "to wasm", "to wasm, plain"), ...rows];
}

export function sentences(host, of) {
  const times = (name, base) => pair(ratio(of(name), of(base)), 1);
  const native = [times("node:crypto + zlib, compressed", COMPRESSED), times("node:crypto, plain", PLAIN)];
  const standard = [times("WebCrypto + DecompressionStream, compressed", COMPRESSED), times("WebCrypto, plain", PLAIN)];
  return [
    `${host}: native crypto takes ${native[0]} of the wasm's time, without compression ${native[1]}.`,
    `${host}: the standard web API takes ${standard[0]}, without compression ${standard[1]}.`,
    `${host}: iron-session takes ${times("iron-session, encrypted", COMPRESSED)}; it encrypts as well, the others only sign.`,
  ];
}

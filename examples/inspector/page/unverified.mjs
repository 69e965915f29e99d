// What a cookie says before anybody knows who wrote it. For people to look at: no program may trust any of it.
export const LONGEST_JSON = 65_536;
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

export class Unreadable extends Error {}

// Unix seconds, or null.
export function issuedAt(stamp) {
  const digits = stamp.replace(/^-/, "");
  if (!/^[0-9A-Za-z]{1,10}$/.test(digits)) return null;
  const seconds = [...digits].reduce((sum, digit) => sum * 62 + DIGITS.indexOf(digit), 0);
  return stamp.startsWith("-") ? -seconds : seconds;
}

// The JSON text of a payload, and whether it was compressed.
export async function jsonOf(payload) {
  const compressed = payload.startsWith(".");
  let bytes = base64url(compressed ? payload.slice(1) : payload);
  if (compressed) bytes = await inflate(bytes);
  if (bytes.length > LONGEST_JSON) throw new Unreadable(`The JSON is over ${LONGEST_JSON} bytes. It was not read.`);
  try {
    return { compressed, json: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    throw new Unreadable("The payload is not text.");
  }
}

function base64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw new Unreadable("The payload is not base64url.");
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (unit) => unit.charCodeAt(0));
}

// zlib, up to the limit: a few kilobytes can inflate to megabytes.
async function inflate(bytes) {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new Unreadable("The payload is marked as compressed, and is not one whole zlib stream.");
    });
    if (done) break;
    length += value.length;
    if (length > LONGEST_JSON) {
      reader.cancel().catch(() => {});
      throw new Unreadable(`The payload inflates to more than ${LONGEST_JSON} bytes. It was not read to its end.`);
    }
    chunks.push(value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

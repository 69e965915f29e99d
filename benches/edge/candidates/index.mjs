import { ironSession } from "./iron-session.mjs";
import { jose } from "./jose.mjs";
import { nodeCrypto } from "./node-crypto.mjs";
import { wasm } from "./wasm.mjs";
import { webCrypto } from "./web-crypto.mjs";

export const COMPRESSED = "wasm, compressed";
export const PLAIN = "wasm, plain";

// Each can write a cookie of a session that was signed `age` seconds ago, and read one, which returns the session or
// null. Keys are derived here, once.
export async function candidates(edge, secret) {
  const compressed = wasm(edge, secret, true);
  const plain = wasm(edge, secret, false);
  const ofNode = nodeCrypto(secret);
  const ofTheWeb = await webCrypto(secret);
  return [
    { name: COMPRESSED, ...compressed },
    { name: "node:crypto + zlib, compressed", sign: compressed.sign, read: ofNode },
    { name: "WebCrypto + DecompressionStream, compressed", sign: compressed.sign, read: ofTheWeb },
    { name: PLAIN, ...plain },
    { name: "node:crypto, plain", sign: plain.sign, read: ofNode },
    { name: "WebCrypto, plain", sign: plain.sign, read: ofTheWeb },
    { name: "jose, CryptoKey", ...(await jose(secret, true)) },
    { name: "jose, bytes", ...(await jose(secret, false)) },
    { name: "iron-session, encrypted", ...ironSession(secret) },
  ];
}

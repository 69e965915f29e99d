// Node's own modules, which are native code and synchronous. workerd also has them (nodejs_compat).
import { Buffer } from "node:buffer";
import { createHash, createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { inflateSync } from "node:zlib";
import { MAX_JSON, isFresh, keyText, split } from "./signed.mjs";

export function nodeCrypto(secret) {
  const key = createSecretKey(createHash("sha256").update(keyText(secret)).digest());
  return (cookie) => {
    const parts = split(cookie);
    if (parts === null) return null;
    // Compared as text: as bytes, a signature would have four spellings.
    const expected = Buffer.from(createHmac("sha256", key).update(parts.signed).digest("base64url"));
    const given = Buffer.from(parts.signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
    if (!isFresh(parts.stamp)) return null;
    const bytes = Buffer.from(parts.payload, "base64url");
    const json = parts.compressed ? inflateSync(bytes, { maxOutputLength: MAX_JSON }) : bytes;
    return JSON.parse(json.toString());
  };
}

// Session cookies as Django signs them, made with Node's own crypto and zlib, so that also those can be made which hardtack
// would not.
import { createHash, createHmac } from "node:crypto";
import { deflateSync } from "node:zlib";

export const KEY = "k1-7d$u!m3o0q2z@8r#xw5v+e9t&y1a4s6-0123456789-abcdef";
export const OTHER_KEY = "k2-older-secret-key-0123456789abcdefghijklmnopqrstuv";
export const NOW = 1_700_000_000;

const SALT = "django.contrib.sessions.backends.signed_cookies";
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function stampOf(seconds) {
  let digits = "";
  for (let rest = seconds; rest > 0; rest = Math.floor(rest / 62)) digits = DIGITS[rest % 62] + digits;
  return digits;
}

export function signed(payload, { key = KEY, at = NOW, stamp = stampOf(at) } = {}) {
  const derived = createHash("sha256").update(`${SALT}signer${key}`).digest();
  const signature = createHmac("sha256", derived).update(`${payload}:${stamp}`).digest("base64url");
  return `${payload}:${stamp}:${signature}`;
}

export const plain = (json, how) => signed(Buffer.from(json).toString("base64url"), how);
export const compressed = (json, how) => signed(`.${deflateSync(json).toString("base64url")}`, how);

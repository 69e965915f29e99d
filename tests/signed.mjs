// Session cookies as Django signs them, created with Node's own crypto and zlib, and so also cookies that hardtack
// would not write.
import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
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

export function signed(payload, { key = KEY, at = NOW, stamp = stampOf(at), salt = SALT } = {}) {
  const derived = createHash("sha256").update(`${salt}signer`).update(key).digest();
  const signature = createHmac("sha256", derived).update(`${payload}:${stamp}`).digest("base64url");
  return `${payload}:${stamp}:${signature}`;
}

export const plain = (json, how) => signed(Buffer.from(json).toString("base64url"), how);
export const compressed = (json, how) => signed(`.${deflateSync(json).toString("base64url")}`, how);

// Session cookies from Django 5.2.19, with their keys, the time, the session's JSON and the key that signed. All keys
// are text, and none is so weak that hardtack refuses it.
export function djangoSessions() {
  const isStrong = ({ text = "" }) => Buffer.byteLength(text) >= 32 && new Set(text).size >= 5 && !text.startsWith("django-insecure-");
  const lines = readFileSync(new URL("vectors/django-5.2.19.jsonl", import.meta.url), "utf8").trim().split("\n");
  const vectors = lines.map((line) => JSON.parse(line));
  return vectors.filter(({ kind, salt }) => kind === "session" && salt === SALT).filter(({ keys }) => keys.every(isStrong));
}

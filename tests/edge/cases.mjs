// One set of cookies, written by Django, for every host.
import { django } from "./django.mjs";

export const SECRET = "an-example-of-50-characters-or-so-made-by-a-generator";
export const OLD = "another-one-of-50-characters-made-by-the-same-generator";
const STRANGER = "nobody-here-knows-this-one-of-50-characters-or-so-ever";
export const NOW = 1_700_000_000.5;
const WEEK = 604_800;

const small = { _auth_user_id: "7", name: "Zoë", quote: '"\\/\u0001\u007f', emoji: "🍪", floats: [1.5, 1e22, -0], none: null };
const large = { ...small, cart: Array.from({ length: 60 }, (_, item) => ({ item, name: `article ${item}`, price: item / 4 })) };
const long = Array.from({ length: 2000 }, (_, n) => (n * 2654435761) % 4294967296); // does not compress to 4096 bytes

const signed = (name, session, others = {}) => ({ name, json: JSON.stringify(session), secret: SECRET, at: 1_700_000_000 - 60, ...others });
const payload = (name, text) => ({ name, payload: text, secret: SECRET, at: 1_700_000_000 - 60 });
const base64url = (text) => Buffer.from(text).toString("base64url");

const made = [
  signed("plain", small, { compress: false }),
  signed("compressed", large),
  signed("empty", {}),
  signed("own expiry, not yet passed", { ...small, _session_expiry: 120 }),
  signed("own expiry, passed", { ...small, _session_expiry: 60 }),
  signed("own expiry, as an instant", { ...small, _session_expiry: "2023-11-14T22:13:20.400000+00:00" }),
  signed("own expiry, as JavaScript writes it", { ...small, _session_expiry: "2023-11-14T22:13:20.400Z" }),
  signed("own expiry, as JavaScript writes it, not yet passed", { ...small, _session_expiry: "2023-11-14T22:13:20.500Z" }),
  signed("own expiry, as a local time", { ...small, _session_expiry: "2023-11-14T22:13:20.400000" }),
  signed("own expiry, a fraction left", { ...small, _session_expiry: 60.6 }),
  signed("own expiry, with the browser", { ...small, _session_expiry: 0 }),
  signed("own expiry, no number", { ...small, _session_expiry: "soon" }),
  signed("rotated", small, { secret: OLD }),
  signed("rotated and compressed", large, { secret: OLD }),
  signed("forged", small, { secret: STRANGER }),
  signed("forged and compressed", large, { secret: STRANGER }),
  signed("expired", small, { at: 1_700_000_000 - 2 * WEEK - 1 }),
  signed("expired by half a second", small, { at: 1_700_000_000 - 2 * WEEK }),
  signed("as old as may be", small, { at: 1_700_000_000 - 2 * WEEK + 1 }),
  signed("from the future", small, { at: 1_700_000_000 + WEEK }),
  signed("too long", { long }),
  payload("signed garbage: no base64", "%%%"),
  payload("signed garbage: no zlib", ".AAAA"),
  payload("signed garbage: no JSON", base64url('{"a":')),
  payload("signed garbage: an array", base64url("[1]")),
  payload("signed garbage: not UTF-8", "_w"),
  payload("signed, and no Django's spelling", base64url('{ "é": 1, "a": 2, "a": NaN, "b": [\n1E5 ] }')),
  payload("signed, and too deep", base64url(`{"a":${"[".repeat(200)}${"]".repeat(200)}}`)),
];

const cookies = django(made).map((cookie, index) => ({ name: made[index].name, cookie }));
const [{ cookie: plain }, { cookie: compressed }] = cookies;

export const CASES = [
  ...cookies,
  { name: "altered payload", cookie: `f${plain.slice(1)}` },
  { name: "altered signature", cookie: plain.slice(0, -1) + (plain.endsWith("A") ? "B" : "A") },
  { name: "cut off", cookie: compressed.slice(0, -1) },
  { name: "garbage", cookie: "garbage" },
  { name: "another engine's session key", cookie: "wr8ow3ej5xwmi7mq2v8fd1j5mmgrhqf4" },
  { name: "one colon", cookie: `a:${"b".repeat(43)}` },
  { name: "two colons", cookie: "::" },
  { name: "not ASCII", cookie: "é:🍪:\ud83c" },
  { name: "4096 bytes of nothing", cookie: "x".repeat(4096) },
  { name: "4097 bytes of nothing", cookie: "x".repeat(4097) },
];

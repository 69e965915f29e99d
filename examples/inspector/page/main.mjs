// The page: what is typed goes to the wasm and to the page's own reader, and what they say is shown.
import { Codec } from "./glue.mjs";
import { BASE64 } from "./session.wasm.mjs";
import { LONGEST_PASTE, find, parts } from "./find.mjs";
import { parse } from "./json.mjs";
import { report, verdict } from "./report.mjs";
import { Unreadable, issuedAt, jsonOf } from "./unverified.mjs";
import { keyInWords, reasonInWords } from "./words.mjs";

const SAMPLE_KEY = "made-for-show-do-not-use-this-one-f3Qz8vK1xW";
const SAMPLE = {
  _auth_user_id: "4711",
  _auth_user_backend: "django.contrib.auth.backends.ModelBackend",
  _auth_user_hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  _session_expiry: 86_400,
  name: "Zoë <zoe@example.com>",
  cart: [{ item: "naïve Zürich, a print", price: 19.95, gift: true }, { item: "Łódź lamp", price: 79.8, gift: false }],
  coupon: null,
};

const field = (id) => document.getElementById(id);
const [cookie, secret, fallbacks, found, refused] = ["cookie", "secret", "fallbacks", "found", "refused"].map(field);
const main = document.querySelector("main");
const module = await WebAssembly.compile(Uint8Array.from(atob(BASE64), (unit) => unit.charCodeAt(0)));
let looks = 0;

// A codec of the secrets that are typed in, or null.
function codec() {
  const others = fallbacks.value.split("\n").map((line) => line.trim()).filter(Boolean);
  const secrets = secret.value === "" && others.length === 0 ? [] : [secret.value, ...others];
  refused.textContent = "";
  if (secrets.length === 0) return null;
  try {
    return new Codec(module, secrets);
  } catch (error) {
    const [, index, reason] = /^secret (\d+) is refused: (\w+)$/.exec(error.message) ?? [];
    if (reason === undefined) throw error;
    refused.textContent = `hardtack refuses ${keyInWords(Number(index))}: ${reasonInWords(reason)}`;
    return null;
  }
}

// What the wasm says. An expired session is well signed, too, and was good when it was made: it is read as of then.
function ask(codec, value, stamped, now) {
  const answer = codec.verify(value, now);
  if (answer.reason !== "Expired" && answer.reason !== "SessionExpired") return answer;
  return { ...codec.verify(value, stamped ?? now), reason: answer.reason };
}

async function read(payload, answer) {
  try {
    const { compressed, json: own } = await jsonOf(payload);
    const json = answer?.json ?? own;
    return { compressed, json, root: parse(json), trusted: answer?.json !== undefined };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { problem: error.message, trusted: false };
  }
}

async function look() {
  const turn = ++looks;
  const paste = cookie.value.trim();
  const keys = codec();
  const show = (words, verdict = [], result = []) => {
    found.textContent = words;
    field("verdict").replaceChildren(...verdict);
    field("result").replaceChildren(...result);
    main.ariaBusy = "false";
  };
  main.ariaBusy = "true";
  if (paste === "") return show("");
  if (paste.length > LONGEST_PASTE) return show(`This is over ${LONGEST_PASTE} characters. No cookie is that long.`);
  const { name, value } = find(paste);
  const split = parts(value);
  if (split === null) return show("No session cookie: its value has three parts, payload:stamp:signature.");

  const now = Date.now() / 1000;
  const stamped = issuedAt(split.stamp);
  const answer = keys && ask(keys, value, stamped, now);
  const session = await read(split.payload, answer);
  if (turn !== looks) return; // something was typed in the meantime
  const words = name !== null && value !== paste ? `Found the cookie ${name.slice(0, 100)}.` : "";
  show(words, [verdict(answer)], report({ name, value, parts: split, issuedAt: stamped, now, ...session }));
}

function sample() {
  const signedAt = Math.floor(Date.now() / 1000) - 3 * 3600;
  cookie.value = `Cookie: theme=dark; sessionid=${new Codec(module, [SAMPLE_KEY]).encode(JSON.stringify(SAMPLE), signedAt).value}`;
  secret.value = SAMPLE_KEY;
  fallbacks.value = "";
  look();
}

function clear() {
  for (const input of [cookie, secret, fallbacks]) input.value = "";
  look();
  cookie.focus();
}

for (const input of [cookie, secret, fallbacks]) input.addEventListener("input", look);
field("sample").addEventListener("click", sample);
field("clear").addEventListener("click", clear);
look(); // what the browser kept from before a reload
document.documentElement.dataset.ready = "";

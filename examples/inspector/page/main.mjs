// The page: passes its fields to the module, and shows the answer.
import { parse, Unreadable } from "./json.mjs";
import { encode, inspect, salts } from "./module.mjs";
import { report, verdict } from "./report.mjs";
import { el } from "./tree.mjs";
import { capital, keyInWords } from "./words.mjs";

const LONGEST_PASTE = 65_536;
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
const [cookie, secret, fallbacks, salt] = ["cookie", "secret", "fallbacks", "salt"].map(field);

// Says which keys were refused, are weak, or were trimmed.
function tellOfKeys({ refused, weak, trimmed }) {
  field("refused").textContent = refused ? `${capital(keyInWords(refused[0]))} is refused: ${refused[1]}` : "";
  const warnings = weak.map(([index, { reason }]) => `${capital(keyInWords(index))} is too weak for production. ${reason}`);
  field("weak").textContent = warnings.join(" ");
  const removed = trimmed.flatMap((what, index) => (what.length > 0 ? [`Took ${what.join(" and ")} off ${keyInWords(index)}.`] : []));
  field("trimmed").textContent = removed.join(" ");
}

function tree(contents) {
  if (!contents?.is_json) return {};
  try {
    return { root: parse(contents.text) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { problem: error.message };
  }
}

function found({ name, value, undone, place_in_words: place }, paste) {
  const after = undone.length > 0 ? `, after ${undone.join(" and ")}` : "";
  const which = place === null ? "" : `, ${place}`;
  if (name !== null && value !== paste) return `Found the cookie ${name.slice(0, 100)}${after}${which}.`;
  return undone.length > 0 ? `Found a value${after}.` : "";
}

function look() {
  const paste = cookie.value.trim();
  const isTooLong = paste.length > LONGEST_PASTE;
  const now = Date.now() / 1000;
  const answer = inspect(isTooLong ? "" : paste, { secret: secret.value, fallbacks: fallbacks.value, salt: salt.value.trim(), now });
  tellOfKeys(answer);
  const show = (words, verdict = [], result = []) => {
    field("found").textContent = words;
    field("verdict").replaceChildren(...verdict);
    field("result").replaceChildren(...result);
  };
  if (paste === "") return show("");
  if (isTooLong) return show(`This is over ${LONGEST_PASTE} characters. No cookie is that long.`);
  const { report: said } = answer;
  const shown = { ...answer, ...said, problem: said.problem, now, ...tree(said.contents) };
  show(found(shown, paste), [verdict(shown)], report(shown));
}

function sample() {
  const signedAt = Math.floor(Date.now() / 1000) - 3 * 3600;
  cookie.value = `Cookie: theme=dark; sessionid=${encode(JSON.stringify(SAMPLE), SAMPLE_KEY, signedAt)}`;
  secret.value = SAMPLE_KEY;
  fallbacks.value = "";
  salt.value = "";
  look();
}

function clear() {
  for (const input of [cookie, secret, fallbacks, salt]) input.value = "";
  look();
  cookie.focus();
}

for (const input of [cookie, secret, fallbacks, salt]) input.addEventListener("input", look);
field("sample").addEventListener("click", sample);
field("clear").addEventListener("click", clear);
field("salts").append(...salts().map((known) => el("option", { value: known.salt, label: known.use_ })));
look(); // a browser may keep the fields over a reload
document.documentElement.dataset.ready = "";

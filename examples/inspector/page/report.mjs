// What is shown about one cookie.
import { plain } from "./json.mjs";
import { el, sizes, tree } from "./tree.mjs";
import { MAX_AGE, MAX_LENGTH, date, isWellSigned, keyInWords, ownExpiry, plural, reasonInWords, relative } from "./words.mjs";

const LONGEST_SHOWN = 8192;

// `answer` is the wasm's: null without a secret.
export function verdict(answer) {
  const box = (kind, title, ...text) => el("div", { class: `verdict ${kind}` }, el("strong", {}, title), el("p", {}, ...text));
  if (answer === null) {
    return box("unknown", "Not verified", "Anybody could have written this. Type the secret key to see whether your site did.");
  }
  const { reason, keyIndex } = answer;
  if (reason === undefined) {
    const fresh = keyIndex > 0 ? " Send a fresh cookie, so that this key can be retired." : "";
    return box("good", "Good signature", `Signed by ${keyInWords(keyIndex)}, and valid now.${fresh}`);
  }
  if (!isWellSigned(reason)) return box("bad", `Refused: ${reason}`, `${reasonInWords(reason)} What is shown below may be anybody’s.`);
  const by = keyIndex === undefined ? "The signature is good." : `The signature is good, by ${keyInWords(keyIndex)}.`;
  return box("late", `Refused: ${reason}`, `${by} ${reasonInWords(reason)}`);
}

export function report({ name, value, parts, issuedAt, compressed, json, root, problem, trusted, now }) {
  const mark = () => (trusted ? el("span", { class: "tag good" }, "verified") : el("span", { class: "tag" }, "not verified"));
  const section = (title, ...content) => el("section", {}, el("h2", {}, title, " ", mark()), ...content);
  const isSession = root?.kind === "object";
  return [
    section("Cookie", colours(parts), facts({ name, value, issuedAt, compressed, json, root, now })),
    section("Session", problem ? el("p", { class: "problem" }, problem) : el("div", { class: "tree" }, tree(root))),
    isSession && root.members.length > 0
      ? section("Size by key", sizes(root, value.length), compressed ? el("p", { class: "hint" }, "Compressed, so the bars are estimates.") : null)
      : null,
  ].filter(Boolean);
}

function colours(parts) {
  const line = el("p", { class: "cookie" });
  const legend = el("ul", { class: "legend" });
  for (const [kind, text] of Object.entries(parts)) {
    const shown = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
    if (line.firstChild) line.append(el("span", { class: "quiet" }, ":"));
    line.append(el("span", { class: kind }, shown));
    legend.append(el("li", { class: kind }, kind, el("span", { class: "quiet" }, ` ${plural(text.length, "character")}`)));
  }
  return el("div", {}, line, legend);
}

function facts({ name, value, issuedAt, compressed, json, root, now }) {
  const list = el("dl");
  const add = (term, text, extra = null) => list.append(el("dt", {}, term), el("dd", {}, text, extra));
  const instant = (at) => `${date(at)}, ${relative(at, now)}`;

  if (issuedAt === null) add("Signed", "at a time that cannot be read");
  else {
    add("Signed", instant(issuedAt));
    add("Expires", instant(issuedAt + MAX_AGE), el("span", { class: "quiet" }, " (two weeks, Django’s default)"));
  }
  if (root?.kind === "object") {
    const member = root.members.findLast(([key]) => plain(key) === "_session_expiry");
    const own = ownExpiry(member?.[1], issuedAt);
    add("Its own expiry", own.at === undefined ? own.words : instant(own.at));
  }
  const length = value.length + (name?.length ?? 0);
  const meter = el("meter", { min: 0, max: MAX_LENGTH, high: MAX_LENGTH * 0.9, value: length, "aria-label": `${length} of ${MAX_LENGTH} bytes` });
  const over = length > MAX_LENGTH ? "; browsers drop it" : "";
  add("Size", `${length.toLocaleString("en")} of ${MAX_LENGTH.toLocaleString("en")} bytes${name ? ", with its name" : ""}${over} `, meter);
  if (json !== undefined) add("JSON", `${plural(new TextEncoder().encode(json).length, "byte")}, ${compressed ? "compressed" : "not compressed"}`);
  return list;
}

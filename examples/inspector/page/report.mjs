// The view of one paste.
import { el, sizes, tree } from "./tree.mjs";
import { MAX_LENGTH, date, keyInWords, plural, relative } from "./words.mjs";

const LONGEST_SHOWN = 8192;
const NOTHING_KNOWN = "A session in a signed cookie has three parts: payload:stamp:signature.";

// The box on top: the kind and the signature.
export function verdict({ trust, refusal, kind, is_session: isSession, other_salt: otherSalt }) {
  const box = (style, title, ...text) => el("div", { class: `verdict ${style}` }, el("strong", {}, title), el("p", {}, ...text));
  const { is, key } = trust;
  const by = `by ${keyInWords(key)}`;
  if (is === "not_applicable" && kind) return box("other", kind.title, kind.about);
  if (is === "not_applicable") return box("unknown", "Nothing that this page knows", NOTHING_KNOWN);
  if (is === "no_key") {
    const text = isSession || !kind ? "" : ` ${kind.title}`;
    return box("unknown", "Not verified", `Anyone could have written this. Type the secret key to see whether your site did.${text}`);
  }
  if (is === "verified" && otherSalt) return box("late", "Signed under another salt", `Signed ${by}. ${otherSalt} ${kind.title}`);
  if (is === "verified") {
    const fresh = key > 0 ? " Send a fresh cookie, so that this key can be retired." : "";
    return box("good", "Good signature", `Signed ${by}, and valid now.${fresh}`);
  }
  if (is === "refused") {
    return box("late", `Refused: ${refusal.name}`, `${otherSalt ? `Signed ${by}. ${otherSalt}` : `The signature is good, ${by}.`} ${refusal.reason}`);
  }
  return box("bad", `Refused: ${refusal.name}`, `${refusal.reason} Anyone could have written the content below.`);
}

export function report(shown) {
  const { kind, parts, value, problem, root, contents, is_session: isSession } = shown;
  const isVerified = contents?.is_verified && !problem;
  const mark = () => (isVerified ? el("span", { class: "tag good" }, "verified") : el("span", { class: "tag" }, "not verified"));
  const section = (title, ...content) => el("section", {}, el("h2", {}, title, " ", mark()), ...content);
  const title = isSession ? "Session" : "Contents";
  const sections = [];
  if (kind !== null && value !== "") sections.push(section("Cookie", colours(parts, value), facts(shown)));
  if (problem) sections.push(section(title, el("p", { class: "problem" }, problem)));
  else if (root) sections.push(section(title, el("div", { class: "tree" }, tree(root))));
  else if (contents) sections.push(section(title, el("p", { class: "cookie" }, cut(contents.text))));
  if (kind?.id === "session" && root?.kind === "object" && root.members.length > 0) {
    const hint = contents.is_compressed ? el("p", { class: "hint" }, "Compressed, so the bars are estimates.") : null;
    sections.push(section("Size by key", sizes(root, shown.length), hint));
  }
  return sections;
}

const cut = (text) => (text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text);

function colours(parts, value) {
  const line = el("p", { class: "cookie" });
  if (parts === null) return line.append(cut(value)), line;
  const legend = el("ul", { class: "legend" });
  for (const [kind, text] of Object.entries(parts)) {
    if (text === null) continue;
    if (line.firstChild) line.append(el("span", { class: "quiet" }, ":"));
    line.append(el("span", { class: kind }, cut(text)));
    legend.append(el("li", { class: kind }, kind, el("span", { class: "quiet" }, ` ${plural(text.length, "character")}`)));
  }
  return el("div", {}, line, legend);
}

function facts({ name, length: bytes, kind, parts, trust, issued_at: issuedAt, expiry, contents, now, is_session: isSession, is_accepted: isAccepted }) {
  const list = el("dl");
  const add = (term, text, extra = null) => list.append(el("dt", {}, term), el("dd", {}, text, extra));
  const instant = (at) => `${date(at)}, ${relative(at, now)}`;

  // Of what no key of Django signs, the box above says this.
  if (kind && trust.is !== "not_applicable") add("What it is", kind.title, isAccepted ? null : el("p", { class: "quiet" }, kind.about));
  if (issuedAt !== null) add("Signed", instant(issuedAt));
  else if (parts !== null && isSession) add("Signed", "at a time that cannot be read");
  const isOver = expiry !== null && expiry.at !== null && expiry.at < now;
  if (expiry !== null) add(isOver ? "Expired" : "Expires", expiry.at === null ? "never" : instant(expiry.at), el("span", { class: "quiet" }, ` (${expiry.by})`));
  if (kind?.id === "session") {
    const length = bytes + (name?.length ?? 0);
    const meter = el("meter", { min: 0, max: MAX_LENGTH, high: MAX_LENGTH * 0.9, value: length, "aria-label": `${length} of ${MAX_LENGTH} bytes` });
    const over = length > MAX_LENGTH ? "; browsers drop it" : "";
    add("Size", `${length.toLocaleString("en")} of ${MAX_LENGTH.toLocaleString("en")} bytes${name ? ", with its name" : ""}${over} `, meter);
  }
  if (contents?.is_json) {
    add("JSON", `${plural(new TextEncoder().encode(contents.text).length, "byte")}, ${contents.is_compressed ? "compressed" : "not compressed"}`);
  }
  return list;
}

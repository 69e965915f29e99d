// The session as a tree, and what its keys weigh. Everything out of the cookie becomes text, never markup.
import { merged, plain } from "./json.mjs";
import { MAX_LENGTH, plural } from "./words.mjs";

const MOST_MEMBERS = 200;
const LONGEST_TEXT = 2000;
const encoder = new TextEncoder();

export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

const cut = (text) =>
  text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}… (${plural(text.length - LONGEST_TEXT, "character")} more)`;

export function tree(node, label = null, depth = 0) {
  const key = label === null ? null : el("span", { class: "key" }, cut(label), el("span", { class: "quiet" }, ": "));
  if (node.kind !== "object" && node.kind !== "array") {
    const text = node.kind === "string" ? JSON.stringify(plain(node.text)) : node.text;
    return el("div", { class: "leaf" }, key, el("span", { class: node.kind }, cut(text)));
  }
  const members = node.kind === "object" ? merged(node) : node.members;
  const count = plural(members.length, node.kind === "object" ? "key" : "item");
  const branch = el("details", {}, el("summary", {}, key, el("span", { class: "quiet" }, count)));
  branch.open = depth < 3;
  // A closed branch is filled when it is opened, so that thousands of arrays cost nothing until then.
  const fill = () => {
    const shown = members.slice(0, MOST_MEMBERS);
    branch.append(...shown.map(([name, value], at) => tree(value, name === null ? String(at) : plain(name), depth + 1)));
    if (members.length > shown.length) branch.append(el("div", { class: "quiet leaf" }, `and ${members.length - shown.length} more`));
  };
  if (branch.open) fill();
  else branch.addEventListener("toggle", fill, { once: true });
  return branch;
}

// Bytes of JSON for each key, the largest first; the bars are shares of the longest cookie that browsers keep.
export function sizes(root, cookieLength) {
  const whole = encoder.encode(root.text).length;
  const rows = merged(root).map(([key, value]) => ({ key: plain(key), bytes: encoder.encode(key + value.text).length + 2 }));
  rows.sort((a, b) => b.bytes - a.bytes);
  const body = rows.slice(0, MOST_MEMBERS).map(({ key, bytes }) => {
    const bar = el("div", { class: "bar" });
    bar.style.width = `${Math.min(100, (100 * bytes * cookieLength) / whole / MAX_LENGTH)}%`;
    return el("tr", {}, el("th", { scope: "row" }, cut(key)), el("td", { class: "bytes" }, bytes.toLocaleString("en")), el("td", { class: "share" }, bar));
  });
  const head = ["key", "bytes", `share of ${MAX_LENGTH}`].map((text) => el("th", { scope: "col" }, text));
  return el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body));
}

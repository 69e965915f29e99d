// JSON as Python reads it, into a tree that keeps the text of each value: JSON.parse would round large integers, reorder
// keys that are numbers, and refuse NaN.
export class Unreadable extends Error {}

const DEEPEST = 128;
const SCALARS = {
  string: /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"/y,
  number: /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y,
  word: /true|false|null|NaN|-?Infinity/y,
};

// A node: { kind, text, members } with members as [key, node]; a key is null in an array.
export function parse(text) {
  let at = 0;

  function fail() {
    throw new Unreadable(`The payload is not JSON at character ${at}.`);
  }
  function space() {
    while (" \t\n\r".includes(text[at] ?? "x")) at++;
  }
  function take(character) {
    space();
    if (text[at] !== character) return false;
    at++;
    return true;
  }
  function scalar(kind) {
    SCALARS[kind].lastIndex = at;
    const [found] = SCALARS[kind].exec(text) ?? [];
    if (found !== undefined) at += found.length;
    return found;
  }
  function key() {
    space();
    const found = scalar("string");
    if (found === undefined || !take(":")) fail();
    return found;
  }
  function value(depth) {
    if (depth > DEEPEST) throw new Unreadable(`The JSON is nested deeper than ${DEEPEST} levels.`);
    space();
    const start = at;
    for (const [kind, open, close] of [["object", "{", "}"], ["array", "[", "]"]]) {
      if (!take(open)) continue;
      const members = [];
      if (!take(close)) {
        do members.push([kind === "object" ? key() : null, value(depth + 1)]);
        while (take(","));
        if (!take(close)) fail();
      }
      return { kind, text: text.slice(start, at), members };
    }
    // Words first: "-Infinity" begins as a number does.
    for (const kind of ["word", "number", "string"]) {
      const found = scalar(kind);
      if (found !== undefined) return { kind, text: found, members: [] };
    }
    return fail();
  }

  const root = value(1);
  space();
  if (at < text.length) fail();
  return root;
}

// The text that a string's or a key's JSON stands for.
export const plain = (string) => JSON.parse(string);

// Members as a dict has them: of a key that comes twice, the last value at the first one's place.
export function merged(node) {
  return [...new Map(node.members.map(([key, value]) => [plain(key), [key, value]]))].map(([, member]) => member);
}

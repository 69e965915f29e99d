// The session cookie in what was pasted: a value alone, or a Cookie or Set-Cookie line, or several.
export const LONGEST_PASTE = 65_536;
const SHAPE = /^\.?[A-Za-z0-9_-]*:-?[0-9A-Za-z]+:[A-Za-z0-9_-]{43}$/;
const NAME = "sessionid"; // Django's SESSION_COOKIE_NAME

export function find(paste) {
  const pieces = paste.split(/[\s;,]+/).filter(Boolean).map(piece);
  const named = pieces.filter(({ name }) => name === NAME);
  const shaped = pieces.filter(({ value }) => SHAPE.test(value));
  // Of several of one name the last one counts, as in Django. What looks like a session by another name is the next best.
  return named.filter((piece) => shaped.includes(piece)).at(-1) ?? named.at(-1) ?? shaped.find(({ name }) => name) ??
    shaped[0] ?? { name: null, value: paste.trim() };
}

function piece(text) {
  const at = text.indexOf("=");
  // A value has no "=" of its own, but for padding at the end of a part, which no Django writes.
  const isNamed = at > 0 && !/^=*(:|$)/.test(text.slice(at)) && !text.slice(0, at).includes(":");
  const value = isNamed ? text.slice(at + 1) : text;
  return { name: isNamed ? text.slice(0, at) : null, value: value.replace(/^["']|["']$/g, "") };
}

// Payload, stamp and signature, split from the right; null if there are not so many.
export function parts(value) {
  const second = value.lastIndexOf(":");
  const first = value.lastIndexOf(":", second - 1);
  if (second < 1 || first < 0) return null;
  return { payload: value.slice(0, first), stamp: value.slice(first + 1, second), signature: value.slice(second + 1) };
}

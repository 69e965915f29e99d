// What the page says in words.
export const MAX_AGE = 1_209_600; // SESSION_COOKIE_AGE
export const MAX_LENGTH = 4096; // RFC 6265bis, section 5.6

// For each name of hardtack's errors that a cookie can have.
const REASONS = {
  TooLong: `It has over ${MAX_LENGTH} bytes. Browsers drop such a cookie, so it is not even looked at.`,
  NotSigned: "It is not signed.",
  BadSignature: "None of these keys signed it under any salt of Django's, or it was changed since.",
  Expired: "It was signed more than two weeks ago, Django's SESSION_COOKIE_AGE.",
  SessionExpired: "The session's own expiry has passed. (Django itself does not look at it when it reads a cookie.)",
  MalformedStamp: "The stamp is no base62 number of 64 bits.",
  TimeOutOfRange: "The stamp is after the year 9999: it may be milliseconds.",
  MalformedExpiry: "The session's own expiry is not what Django would write there.",
  MalformedBase64: "The payload is not base64url as Django writes it.",
  MalformedZlib: "The payload is marked as compressed, and is not one whole zlib stream.",
  MalformedJson: "The payload is not JSON.",
  JsonTooLong: "The session's JSON is over 64 KiB.",
  TooDeep: "The session is nested deeper than 128 levels.",
  IntegerTooLong: "An integer has more digits than Python reads.",
  NotAnObject: "What was signed is JSON and no object, so no session.",
  LoneSurrogate: "A key of the session has half of a character.",
  EmptyKey: "It is empty.",
  ShortKey: "It has under 32 bytes.",
  RepetitiveKey: "It has under 5 distinct bytes.",
  UntrimmedKey: "It begins or ends with white space or a byte order mark.",
  InsecureKey: "It starts with django-insecure-, as startproject makes it for development.",
};
export const reasonInWords = (reason) => REASONS[reason] ?? reason;

// Whether a refusal says that the signature is good all the same.
export const isWellSigned = (reason) => !["NotSigned", "BadSignature", "TooLong"].includes(reason);

export const keyInWords = (index) => (index === 0 ? "the secret key" : `fallback key ${index}`);

export const capital = (words) => words[0].toUpperCase() + words.slice(1);

export const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

// In the two largest units.
export function duration(seconds) {
  const units = [[86_400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]];
  let rest = Math.floor(Math.abs(seconds));
  const words = [];
  for (const [size, noun] of units) {
    if (words.length === 2) break;
    const count = Math.floor(rest / size);
    rest %= size;
    if (count > 0) words.push(plural(count, noun));
    else if (words.length > 0) break;
  }
  return words.join(" ") || "0 seconds";
}

export function date(seconds) {
  const instant = new Date(seconds * 1000);
  if (Number.isNaN(instant.getTime())) return `Unix time ${seconds}`;
  return instant.toISOString().replace("T", " ").replace(/\.\d+Z$/, " UTC");
}

export const relative = (seconds, now) => (seconds > now ? `in ${duration(seconds - now)}` : `${duration(now - seconds)} ago`);

// When a session ends by itself, from the value of _session_expiry.
export function ownExpiry(node, issuedAt) {
  if (node === undefined || node.text === "null") return { words: "none" };
  if (node.kind === "number") {
    const seconds = Number(node.text);
    if (seconds === 0) return { words: "with the browser" };
    return issuedAt === null ? { words: `after ${duration(seconds)}` } : { at: issuedAt + seconds };
  }
  const text = node.kind === "string" ? JSON.parse(node.text) : "";
  const at = /(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) / 1000 : NaN;
  return Number.isNaN(at) ? { words: "not one that Django writes" } : { at };
}

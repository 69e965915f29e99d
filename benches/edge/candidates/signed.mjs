// Shared by the readers in JavaScript: the form of Django's signed cookies.
export const MAX_AGE = 1_209_600;
export const MAX_JSON = 65_536;
const SALT = "django.contrib.sessions.backends.signed_cookies";

// Returns the text whose SHA-256 is the key.
export const keyText = (secret) => `${SALT}signer${secret}`;

// Splits "payload:stamp:signature" from the right.
export function split(cookie) {
  const last = cookie.lastIndexOf(":");
  const middle = cookie.lastIndexOf(":", last - 1);
  if (middle < 1) return null;
  const compressed = cookie.startsWith(".");
  return {
    signed: cookie.slice(0, last),
    compressed,
    payload: cookie.slice(compressed ? 1 : 0, middle),
    stamp: cookie.slice(middle + 1, last),
    signature: cookie.slice(last + 1),
  };
}

// Returns whether a stamp, the base62 of Unix seconds, is younger than the max age. Its signature must have been checked.
export function isFresh(stamp) {
  let seconds = 0;
  for (let index = 0; index < stamp.length; index++) seconds = seconds * 62 + digit(stamp.charCodeAt(index));
  return Date.now() / 1000 - seconds <= MAX_AGE; // false for NaN
}

function digit(code) {
  if (code >= 48 && code <= 57) return code - 48; // 0-9
  if (code >= 65 && code <= 90) return code - 55; // A-Z
  if (code >= 97 && code <= 122) return code - 61; // a-z
  return NaN;
}

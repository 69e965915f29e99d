// 64 sessions of one class, always the same: a login and a cart, in about 700 bytes of JSON.
const WORDS = (
  "Äpfel anchor biscuit blue brass café canvas copper coffee crème deep galley green hull île keel lamp large mast " +
  "naïve north oak paper rope sail salt ship small steel tea wool"
).split(" ");

export const SESSIONS = Array.from({ length: 64 }, (_, seed) => session(generator(seed + 1)));
export const JSON_BYTES = mean(SESSIONS.map((session) => new TextEncoder().encode(JSON.stringify(session)).length));

function session(random) {
  const below = (limit) => Math.floor(random() * limit);
  const digits = (count) => Array.from({ length: count }, () => below(16).toString(16)).join("");
  const words = (count) => Array.from({ length: count }, () => WORDS[below(WORDS.length)]).join(" ");
  return {
    _auth_user_id: String(1 + below(100_000)),
    _auth_user_backend: "django.contrib.auth.backends.ModelBackend",
    _auth_user_hash: digits(64),
    name: words(2),
    locale: ["de", "en", "fr", "pt-br"][below(4)],
    seen: 1_700_000_000 + below(10_000_000),
    cart: Array.from({ length: 6 }, () => ({
      article: below(1_000_000),
      name: words(3),
      quantity: 1 + below(9),
      price: (100 + below(9900)) / 100,
    })),
    newsletter: random() < 0.5,
  };
}

// mulberry32: numbers from 0 to below 1 that depend only on the seed.
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function mean(numbers) {
  return Math.round(numbers.reduce((sum, number) => sum + number, 0) / numbers.length);
}

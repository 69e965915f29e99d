// Checks before the timing that a candidate reads the cookies that it should, and no others.
import { MAX_AGE } from "./candidates/signed.mjs";
import { SESSIONS } from "./sessions.mjs";

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Returns how many cookies it refused, all of them rightly.
export async function check({ name, sign, read }, cookies, stranger) {
  for (const [index, session] of SESSIONS.entries()) {
    const [expected, actual] = [session, await read(cookies[index])].map((object) => JSON.stringify(object));
    if (actual !== expected) throw new Error(`${name}: ${actual} for ${expected}`);
  }
  const hour = 3600;
  if ((await read(await sign(SESSIONS[0], MAX_AGE - hour))) === null) throw new Error(`${name}: an old session is refused`);
  const bad = {
    expired: await sign(SESSIONS[0], MAX_AGE + hour),
    "of another secret": await stranger.sign(SESSIONS[0], 0),
    ...altered(cookies[0]),
    "cut off": cookies[0].slice(0, -4),
    empty: "",
    garbage: "garbage",
    "only separators": "::",
    "three letters": "a:b:c",
    "not ASCII": `é${cookies[0]}`,
  };
  for (const [what, cookie] of Object.entries(bad)) {
    if ((await read(cookie)) !== null) throw new Error(`${name}: accepts a cookie that is ${what}: ${cookie}`);
  }
  return Object.keys(bad).length;
}

// Changes one character in different places: its highest bit, because the lowest bits of a last character may be unused.
function altered(cookie) {
  return Object.fromEntries(
    Array.from({ length: 32 }, (_, part) => {
      const at = Math.floor((part * cookie.length) / 32);
      const other = BASE64URL[BASE64URL.indexOf(cookie[at]) ^ 32] ?? "A";
      return [`altered at ${at}`, cookie.slice(0, at) + other + cookie.slice(at + 1)];
    }),
  );
}

// Reads the gate's settings from its environment. The errors say what to do, and contain no secret.
import { openPaths } from "./paths.mjs";

const NEW_KEY = "Make a new one for the site and the gate: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'";
const ADVICE = {
  EmptyKey: "It is empty or not set. Set it to the SECRET_KEY of the site's settings.",
  ShortKey: `It has fewer than 32 characters. ${NEW_KEY}`,
  RepetitiveKey: `It has too few different characters. ${NEW_KEY}`,
  InsecureKey: `It begins with django-insecure-, as the keys of startproject do, which are for development only. ${NEW_KEY}`,
  UntrimmedKey: "It begins or ends with white space. Remove that here, or if the site's key has it, too, make a new key.",
};

export function readSettings(env, { Codec, module }) {
  const { SECRET_KEY, SECRET_KEY_FALLBACKS, SESSION_COOKIE_NAME, SESSION_COOKIE_AGE, LOGIN_URL, OPEN_PATHS } = env;
  const fallbacks = (SECRET_KEY_FALLBACKS ?? "").split(/\s+/).filter(Boolean);
  const secrets = [SECRET_KEY ?? "", ...fallbacks];
  for (const [index, secret] of secrets.entries()) {
    const name = index === 0 ? "SECRET_KEY" : `key ${index} of SECRET_KEY_FALLBACKS`;
    attempt(name, () => new Codec(module, [secret]));
  }

  const maxAge = SESSION_COOKIE_AGE ?? "1209600"; // two weeks, Django's default
  if (!/^\d+$/.test(maxAge)) throw new Error("SESSION_COOKIE_AGE is refused: it must be a whole number of seconds.");
  const codec = attempt("SESSION_COOKIE_NAME", () => new Codec(module, secrets, { cookieName: SESSION_COOKIE_NAME ?? "sessionid", maxAge: Number(maxAge) }));

  const loginUrl = LOGIN_URL ?? "/accounts/login/";
  const isLogin = attempt("LOGIN_URL", () => openPaths(loginUrl));
  if (!isLogin(loginUrl)) throw new Error("LOGIN_URL is refused: it must be one path, such as /accounts/login/.");
  const isOpen = attempt("OPEN_PATHS", () => openPaths(OPEN_PATHS ?? "/accounts/ /admin/login/ /static/ /favicon.ico"));
  return { codec, loginUrl, isOpen: (pathname) => isLogin(pathname) || isOpen(pathname) };
}

function attempt(name, read) {
  try {
    return read();
  } catch ({ message }) {
    const rule = message.match(/^secret 0 is refused: (\w+)$/)?.[1];
    throw new Error(`${name} is refused: ${rule ? `${rule}. ${ADVICE[rule] ?? ""}`.trim() : `${message}.`}`);
  }
}

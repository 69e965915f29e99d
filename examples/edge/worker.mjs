// Stands in front of an origin that keeps its sessions in signed cookies, and lets no one past it who is not signed in.
//
// It only reads: every cookie is the origin's. A gate that sent a session again, under a new secret for example, would give
// a session that the origin has just refused or ended a new stamp.
//
// It cannot revoke a session. `issuedAt` is the instant of the last save, not of the sign-in, so it is no measure for that:
// if the origin saves the session of a captured cookie, that is young again. What revokes a login is its hash,
// `_auth_user_hash`, and comparing it takes the user's password column: that is the origin's work.
import { env } from "cloudflare:workers";
import { Codec, module } from "./workerd.mjs";

const COOKIE_NAME = "sessionid";
const MAX_AGE = 1_209_600; // seconds
// Whom the request comes from, for the origin: percent-encoded, and absent where nobody is signed in.
const USER_HEADER = "x-session-user";
// Open to everybody, spelled exactly so. All else asks for a session: a spelling that nobody thought of is not a way in.
const OPEN = new Set(["/", "/login"]);

// All secrets of the origin, its new one and those on their way out. A worker without a secret, or with a weak one, does not start.
const secrets = [env.SECRET_KEY ?? "", ...(env.SECRET_KEY_FALLBACKS ?? "").split(/\s+/).filter(Boolean)];
const codec = new Codec(module, secrets, { cookieName: COOKIE_NAME, maxAge: MAX_AGE });

export default {
  async fetch(request) {
    const session = codec.verifyHeader(request.headers.get("cookie"));
    const content = session.json ? parsed(session.json) : {};
    const user = typeof content._auth_user_id === "string" ? content._auth_user_id : undefined; // as Django's login leaves it

    if (user === undefined && !OPEN.has(new URL(request.url).pathname)) return refusal(request, session.reason ?? "NotSignedIn");

    const headers = new Headers(request.headers);
    for (const name of request.headers.keys()) {
      // Many a server takes an underscore for a hyphen.
      if (name.replaceAll("_", "-") === USER_HEADER) headers.delete(name);
    }
    if (user !== undefined) headers.set(USER_HEADER, encodeURIComponent(user));
    return env.ORIGIN.fetch(new Request(request, { headers, redirect: "manual" }));
  },
};

function refusal(request, reason) {
  const headers = { "cache-control": "no-store", vary: "Cookie", "x-session-refused": reason };
  if (request.method === "GET" && request.headers.get("accept")?.includes("text/html")) {
    const { pathname, search } = new URL(request.url);
    headers.location = `/login?next=${encodeURIComponent(pathname + search)}`;
    return new Response(null, { status: 302, headers });
  }
  return Response.json({ reason }, { status: 401, headers });
}

// What Python writes and JSON has no word for, NaN, makes no session here.
function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}

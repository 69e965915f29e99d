// Stands in front of an origin that keeps its sessions in signed cookies, and lets no one past it who is not signed in.
import { env } from "cloudflare:workers";
import { Codec, module } from "./workerd.mjs";

const COOKIE_NAME = "sessionid";
const MAX_AGE = 1_209_600;
// Whom the request comes from, for the origin: percent-encoded, and absent where nobody is signed in.
const USER_HEADER = "x-session-user";
// Open to everybody, spelled exactly so. All else asks for a session: a spelling that nobody thought of is not a way in.
const OPEN = new Set(["/", "/login"]);

// The first secret signs, the others are on their way out. A worker without a secret, or with a weak one, does not start.
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
    const response = await env.ORIGIN.fetch(new Request(request, { headers, redirect: "manual" }));
    return session.keyIndex > 0 ? resigned(response, session.json, content) : response;
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

// A fallback signed the cookie: sends the session anew under the first secret, unless the origin has a word of its own to
// say about it, or the response is for caches that keep it for everybody.
function resigned(response, json, content) {
  const isSet = response.headers.getSetCookie().some((cookie) => cookie.startsWith(`${COOKIE_NAME}=`));
  const isShared = /\b(public|s-maxage)\b/i.test(response.headers.get("cache-control") ?? "");
  if (isSet || isShared || response.status >= 500) return response;
  const now = Date.now() / 1000;
  const { value } = codec.encode(json, now);
  if (value === undefined) return response; // the old one is good for as long as its secret is
  const answer = new Response(response.body, response);
  const age = maxAge(content._session_expiry, now);
  const end = age === undefined ? "" : `Max-Age=${age}; `;
  answer.headers.append("set-cookie", `${COOKIE_NAME}=${value}; ${end}Path=/; HttpOnly; SameSite=Lax; Secure`);
  answer.headers.append("vary", "Cookie");
  return answer;
}

// What the session says of its own end: seconds (0: with the browser), an instant, or nothing.
function maxAge(expiry, now) {
  if (expiry === 0) return undefined;
  const seconds = typeof expiry === "string" ? Date.parse(expiry) / 1000 - now : (expiry ?? MAX_AGE);
  return Math.max(0, Math.floor(seconds));
}

// What Python writes and JSON has no word for, NaN, is nobody's session here.
function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}

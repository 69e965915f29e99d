// Lets only signed-in users through to a Django site that keeps its sessions in signed cookies. All settings come from the
// environment (settings.mjs).
//
// It never sends a session cookie. If it signed a session again, for example with a new secret, a session that the site has
// just refused or ended would get a new stamp.
//
// It cannot revoke a session. `issuedAt` does not help: it is the time of the last save, and every save of a stolen cookie's
// session moves it. The site revokes logins with `_auth_user_hash`, which depends on the user's password column.
import { env } from "cloudflare:workers";
import { readSettings } from "./settings.mjs";
import * as edge from "./workerd.mjs";

const { codec, loginUrl, isOpen } = readSettings(env, edge);
const origin = readOrigin(env.ORIGIN);

// After one of these, signing in gives a session that the gate can read. After another reason it may not: the site and the gate
// disagree, and redirecting could go on forever, so the user gets a page.
const SIGN_IN_HELPS = new Set(["NoCookie", "NotSignedIn", "Expired", "SessionExpired"]);
const EXPLANATIONS = {
  NotSigned: "The site keeps its sessions elsewhere: the cookie is not signed. This gate reads only Django's signed_cookies engine.",
  BadSignature: "The cookie was signed with a key that this gate does not have, or it was changed.",
};
const logged = new Set();

export default {
  async fetch(request) {
    const url = new URL(request.url);
    const { json, reason } = codec.verifyHeader(request.headers.get("cookie"));
    const user = json === undefined ? undefined : userOf(json);
    if (user === undefined && !isOpen(url.pathname)) return refusal(request, url, reason ?? "NotSignedIn");
    try {
      return await origin(url, { method: request.method, headers: headersFor(request, url, user), body: request.body, redirect: "manual" });
    } catch {
      return new Response("The site does not answer.\n", { status: 502 });
    }
  },
};

// A service binding, or the address of a site. Both get the path as `URL` spells it, which is what `isOpen` has checked.
function readOrigin(binding) {
  if (typeof binding?.fetch === "function") return (url, init) => binding.fetch(new Request(url, init));
  const site = URL.parse(binding ?? "");
  if (!/^https?:$/.test(site?.protocol) || site.href !== `${site.origin}/`) {
    throw new Error("ORIGIN is refused: it must be the site's address, such as https://origin.example.com, or a service binding.");
  }
  return ({ pathname, search }, init) => {
    const target = new URL(site);
    target.pathname = pathname; // not resolved against the site: //other.example is a path here
    target.search = search;
    return fetch(new Request(target, init));
  };
}

// The user's id, as Django's login() stores it. Python writes NaN, which JSON.parse does not read: no user.
function userOf(json) {
  try {
    const { _auth_user_id: id } = JSON.parse(json);
    return typeof id === "string" ? id : undefined;
  } catch {
    return undefined;
  }
}

// The client's headers, with these three replaced. Many servers take an underscore for a hyphen, so those spellings are removed.
function headersFor(request, url, user) {
  const added = {
    "x-forwarded-host": url.host,
    "x-forwarded-proto": url.protocol.slice(0, -1),
    "x-session-user": user === undefined ? undefined : encodeURIComponent(user), // any id becomes ASCII
  };
  const headers = new Headers(request.headers);
  for (const name of request.headers.keys()) {
    if (name.replaceAll("_", "-") in added) headers.delete(name);
  }
  for (const [name, value] of Object.entries(added)) {
    if (value !== undefined) headers.set(name, value);
  }
  return headers;
}

function refusal(request, { pathname, search }, reason) {
  const headers = { "cache-control": "no-store", vary: "Cookie", "x-session-refused": reason };
  // A login page that does not check it could be made to redirect to another site with //other.example.
  const location = pathname.startsWith("//") ? loginUrl : `${loginUrl}?next=${encodeURIComponent(pathname + search)}`;
  const isPage = ["GET", "HEAD"].includes(request.method) && request.headers.get("accept")?.includes("text/html");
  if (isPage && SIGN_IN_HELPS.has(reason)) return new Response(null, { status: 302, headers: { ...headers, location } });

  const explanation = EXPLANATIONS[reason];
  if (explanation && !logged.has(reason)) console.warn(`${reason}: ${explanation}`);
  logged.add(reason); // once: anyone can send such cookies
  if (!isPage) return Response.json({ reason, explanation }, { status: 401, headers });
  headers["content-type"] = "text/html; charset=utf-8";
  headers["content-security-policy"] = "default-src 'none'";
  return new Response(page(reason, explanation ?? "This gate cannot read the session cookie.", location), { status: 401, headers });
}

function page(reason, explanation, location) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Not signed in</title>
<h1>Not signed in</h1>
<p>${explanation} (${reason})</p>
<p><a href="${location}">Sign in</a></p>
</html>
`;
}

// Reads a session's cookie, and the header that sets it.
import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";

// Returns the JSON text of a session, as it was signed.
export function json(value) {
  const payload = value.split(":")[0];
  if (!payload.startsWith(".")) return Buffer.from(payload, "base64url").toString();
  return inflateSync(Buffer.from(payload.slice(1), "base64url")).toString();
}

// Returns the attributes of the session's Set-Cookie header in the response to an action, except for the date.
export async function attributes(page, path, action) {
  const isIt = (response) => new URL(response.url()).pathname === path && response.request().method() === "POST";
  const arrives = page.waitForResponse(isIt);
  await action();
  const headers = await (await arrives).headersArray();
  const cookies = headers.filter(({ name }) => name.toLowerCase() === "set-cookie").map(({ value }) => value);
  const session = cookies.filter((cookie) => cookie.startsWith("sessionid="));
  assert.equal(session.length, 1, "one Set-Cookie for the session");
  const parts = session[0].split(/; */).slice(1);
  return parts.map((part) => (/^expires=/i.test(part) ? "expires" : part.toLowerCase())).sort();
}

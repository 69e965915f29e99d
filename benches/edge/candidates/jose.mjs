// A JSON Web Token: signed with HMAC-SHA256 as well, never compressed.
import { SignJWT, jwtVerify } from "jose";
import { MAX_AGE } from "./signed.mjs";

// `asKey`: whether the key is imported once. Given bytes, jose imports them at each call.
export async function jose(secret, asKey) {
  const bytes = new TextEncoder().encode(secret);
  const key = asKey
    ? await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"])
    : bytes;
  const options = { algorithms: ["HS256"], maxTokenAge: MAX_AGE };
  return {
    sign(session, age) {
      const issued = Math.floor(Date.now() / 1000) - age;
      return new SignJWT({ session }).setProtectedHeader({ alg: "HS256" }).setIssuedAt(issued).sign(key);
    },
    async read(cookie) {
      try {
        return (await jwtVerify(cookie, key, options)).payload.session;
      } catch {
        return null;
      }
    },
  };
}

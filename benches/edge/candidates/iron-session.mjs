// Encrypted and signed, so it does more than the others: AES-256-CBC and HMAC-SHA256, with two keys derived from the
// password and a salt of each cookie.
import { sealData, unsealData } from "iron-session";
import { MAX_AGE } from "./signed.mjs";

export function ironSession(password) {
  return {
    // The expiry is part of the seal.
    sign: (session, age) => sealData(session, { password, ttl: MAX_AGE - age }),
    async read(cookie) {
      const session = await unsealData(cookie, { password, ttl: MAX_AGE });
      return Object.keys(session).length === 0 ? null : session; // for a refused cookie, it returns an empty session
    },
  };
}

// What TypeScript has to accept of the package, and what it has to refuse.
import { Codec, module, type Encoded, type Options, type Reason, type Refused, type Session } from "hardtack-edge";
import * as inline from "hardtack-edge/inline";
import wasm from "hardtack-edge/session.wasm";

const options: Options = { maxAge: Infinity, cookieName: "__Host-id", compress: false };
const codec = new Codec(module, ["secret", "older"], options);
export const others = [new Codec(wasm, ["secret"]), new inline.Codec(inline.module, ["secret"], {})];

export function read(header: string | null | undefined): Session | Reason {
  const session = codec.verifyHeader(header, 1_700_000_000);
  if (session.reason) return session.reason;
  const { json, keyIndex, issuedAt, age } = session;
  const parts: [string, number, number, number] = [json, keyIndex, issuedAt, age];
  return parts.length > 0 ? session : "NoCookie";
}

export function write(session: object): string {
  const encoded: Encoded | Refused = codec.encode(JSON.stringify(session));
  if (encoded.reason !== undefined) throw new Error(encoded.reason);
  return encoded.value;
}

// @ts-expect-error: no such option
new Codec(module, ["secret"], { maxage: 60 });
// @ts-expect-error: an environment variable may be missing
new Codec(module, [undefined]);
// @ts-expect-error: seconds are a number
new Codec(module, ["secret"], { maxAge: "60" });
// @ts-expect-error: a missing cookie has no value to verify
codec.verify(undefined);
// @ts-expect-error: it may have been refused
codec.verify("value").json.length;
// @ts-expect-error: no such reason
export const reason: Reason = "Forged";

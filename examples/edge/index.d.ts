/** Reads and writes the sessions of Django's `signed_cookies` engine. */
export class Codec {
  /**
   * @param module The compiled `session.wasm`: this package's `module`.
   * @param secrets The first one signs and verifies, those that follow only verify: Django's `SECRET_KEY` and
   *   `SECRET_KEY_FALLBACKS`.
   * @throws RangeError naming the rule that a secret breaks (`EmptyKey`, `ShortKey`, `RepetitiveKey`, `InsecureKey`,
   *   `UntrimmedKey`, `LoneSurrogate`), and nothing of the secret.
   */
  constructor(module: WebAssembly.Module, secrets: string[], options?: Options);

  /** Verifies a cookie's value and reads its session. `now` is in Unix seconds, the clock by default. */
  verify(value: string, now?: number): Session | Refused;

  /**
   * The same for a whole `Cookie` header, or for none. Of several cookies of the name the youngest good one counts; if there
   * is none, the reason is the last one's.
   */
  verifyHeader(cookieHeader: string | null | undefined, now?: number): Session | Refused;

  /**
   * The cookie value of a session, given as the JSON text of an object. It is spelled as Django spells it. Text with a raw
   * lone surrogate, which `JSON.stringify` never writes, is refused (`LoneSurrogate`).
   */
  encode(json: string, now?: number): Encoded | Refused;
}

export interface Options {
  /** Seconds after which a cookie is refused; `Infinity` for never. Defaults to two weeks, Django's `SESSION_COOKIE_AGE`. */
  maxAge?: number;
  /** Defaults to `sessionid`, Django's `SESSION_COOKIE_NAME`. */
  cookieName?: string;
  /** Whether to compress what that makes shorter. Defaults to true. */
  compress?: boolean;
}

export interface Session {
  /** The session as JSON text, an object, as it was signed. */
  json: string;
  /** Which secret signed the cookie: 0 is the first one, above that it is a fallback. */
  keyIndex: number;
  /** When the cookie was signed, in whole Unix seconds: the last save, not the sign-in. Every save moves it. */
  issuedAt: number;
  /** Seconds from then to now; 0 if it was signed in the future. */
  age: number;
  reason?: undefined;
}

export interface Encoded {
  value: string;
  reason?: undefined;
}

export interface Refused {
  reason: Reason;
}

/** A name of the crate's `Error`, or `NoCookie` where a header has no cookie of the name. */
export type Reason =
  | "NoCookie"
  | "TooLong"
  | "NotSigned"
  | "BadSignature"
  | "MalformedStamp"
  | "TimeOutOfRange"
  | "Expired"
  | "SessionExpired"
  | "MalformedExpiry"
  | "MalformedBase64"
  | "MalformedZlib"
  | "MalformedJson"
  | "JsonTooLong"
  | "TooDeep"
  | "IntegerTooLong"
  | "NotAnObject"
  | "LoneSurrogate";

/** `session.wasm`, compiled. */
export const module: WebAssembly.Module;

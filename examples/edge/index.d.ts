/** `WebAssembly.Module`. Without the types of a host that declares it, such as those of browsers or Workers, any object. */
export type Module = typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M : object;

/** Reads and writes the sessions of Django's `signed_cookies` engine. */
export class Codec {
  /**
   * @param module The compiled `session.wasm`: this package's `module`.
   * @param secrets The first one signs and verifies, the others only verify: Django's `SECRET_KEY` and
   *   `SECRET_KEY_FALLBACKS`.
   * @throws RangeError if there is no secret; if a secret is refused, with the name of the rule that it breaks (`EmptyKey`,
   *   `ShortKey`, `RepetitiveKey`, `InsecureKey`, `UntrimmedKey`, `LoneSurrogate`); if `maxAge` is negative or `NaN`; or if
   *   `cookieName` is not a token (RFC 9110, section 5.6.2). No message contains a secret.
   * @throws TypeError if an argument or an option is of the wrong type, or an option is unknown.
   */
  constructor(module: Module, secrets: string[], options?: Options);

  /** Verifies a cookie's value and returns its session. `now` is in Unix seconds and defaults to the clock. */
  verify(value: string, now?: number): Session | Refused;

  /**
   * Does the same for a whole `Cookie` header, or for none. Of several cookies of the name, the youngest valid one counts. If
   * none is valid, the reason is that of the last one, or of an earlier one that may be valid elsewhere.
   */
  verifyHeader(cookieHeader: string | null | undefined, now?: number): Session | Refused;

  /**
   * Returns the cookie value of a session, given as the JSON text of an object. Django's spelling of the JSON is signed. Text
   * with a raw lone surrogate, which `JSON.stringify` never writes, is refused (`LoneSurrogate`).
   */
  encode(json: string, now?: number): Encoded | Refused;
}

export interface Options {
  /** Seconds after which a cookie is refused; `Infinity` for never. Defaults to two weeks, Django's `SESSION_COOKIE_AGE`. */
  maxAge?: number;
  /** Defaults to `sessionid`, Django's `SESSION_COOKIE_NAME`. */
  cookieName?: string;
  /** Whether to compress a session if that makes it shorter. Defaults to true. */
  compress?: boolean;
}

export interface Session {
  /** The session as the JSON text of an object, as it was signed. */
  json: string;
  /** Which secret signed the cookie: 0 is the first one, 1 and above are fallbacks. */
  keyIndex: number;
  /** When the cookie was signed, in whole Unix seconds. This is the last save, not the sign-in: every save moves it. */
  issuedAt: number;
  /** Seconds since then, with a fraction unless `now` has none; 0 if the cookie was signed in the future. */
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

/** The name of one of the crate's errors, or `NoCookie` if a header has no cookie of the name. */
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
export const module: Module;

// What JavaScript says to the wasm module: strings in, strings out. The other side is src/lib.rs.
const encoder = new TextEncoder();
const decoder = new TextDecoder();

// Django's defaults.
const DEFAULTS = { maxAge: 1_209_600, cookieName: "sessionid", compress: true };

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/; // RFC 9110, section 5.6.2

export class Codec {
  #wasm;

  constructor(module, secrets, options = {}) {
    if (!Array.isArray(secrets)) throw new TypeError("secrets must be an array of strings");
    if (secrets.length === 0) throw new RangeError("secrets must not be empty");
    const { maxAge, cookieName, compress } = checked(options);
    // An instance of its own, as its memory holds the keys. It imports nothing, so there is nothing that it could reach.
    this.#wasm = new WebAssembly.Instance(module, {}).exports;
    for (const [index, secret] of secrets.entries()) {
      if (typeof secret !== "string") throw new TypeError(`secret ${index} must be a string`);
      const { reason } = this.#exact("add_secret", secret);
      if (reason) throw new RangeError(`secret ${index} is refused: ${reason}`); // the rule, not the secret
    }
    const { reason } = this.#call("open", cookieName, maxAge, Number(compress));
    if (reason) throw new RangeError(`the codec is refused: ${reason}`);
  }

  verify(value, now = Date.now() / 1000) {
    return this.#session("verify", value, now);
  }

  verifyHeader(cookieHeader, now = Date.now() / 1000) {
    return this.#session("verify_header", cookieHeader ?? "", now);
  }

  encode(json, now = Date.now() / 1000) {
    const { reason, text } = this.#exact("encode", json, instant(now));
    return reason ? { reason } : { value: text };
  }

  #session(call, argument, now) {
    const { reason, text, ...how } = this.#call(call, argument, instant(now));
    return reason ? { reason } : { json: text, ...how };
  }

  // For text that must arrive as it is: TextEncoder writes U+FFFD in place of a lone surrogate.
  #exact(call, text, ...numbers) {
    if (typeof text === "string" && !text.isWellFormed()) return { reason: "LoneSurrogate" };
    return this.#call(call, text, ...numbers);
  }

  #call(call, argument, ...numbers) {
    if (typeof argument !== "string") throw new TypeError("the argument must be a string");
    const { memory, input, [call]: run } = this.#wasm;
    const capacity = 3 * argument.length; // a UTF-16 unit is at most three bytes of UTF-8
    const at = input(capacity);
    if (at === 0) return { reason: call === "encode" ? "JsonTooLong" : "TooLong" };
    const { written } = encoder.encodeInto(argument, new Uint8Array(memory.buffer, at, capacity));
    const reply = run(written, ...numbers);
    // A new view each time: where memory grows, the old ones are empty.
    const view = new DataView(memory.buffer, reply, 32);
    const text = decoder.decode(new Uint8Array(memory.buffer, view.getUint32(4, true), view.getUint32(8, true)));
    if (view.getUint32(0, true) === 0) return { reason: text };
    return { text, keyIndex: view.getUint32(12, true), issuedAt: view.getFloat64(16, true), age: view.getFloat64(24, true) };
  }
}

// Returns the options with their defaults. No message contains a value, because a secret may have been passed by mistake.
function checked(options) {
  if (typeof options !== "object" || options === null || Array.isArray(options)) throw new TypeError("options must be an object");
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(DEFAULTS, name)) throw new TypeError(`unknown option "${name}": the options are ${Object.keys(DEFAULTS).join(", ")}`);
  }
  const all = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS)) {
    const [given, type] = [options[name], typeof DEFAULTS[name]];
    if (given === undefined) continue;
    if (typeof given !== type) throw new TypeError(`${name} must be a ${type}`);
    all[name] = given;
  }
  if (!(all.maxAge >= 0)) throw new RangeError("maxAge must be a number of seconds, or Infinity");
  if (!TOKEN.test(all.cookieName)) throw new RangeError("cookieName must consist of letters, digits and !#$%&'*+-.^_`|~");
  return all;
}

function instant(seconds) {
  if (!Number.isFinite(seconds)) throw new RangeError("now must be a number of seconds");
  return seconds;
}

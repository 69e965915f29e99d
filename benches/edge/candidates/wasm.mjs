// This crate, through its own glue. It also writes the cookies for the other readers of signed cookies.
import { MAX_AGE } from "./signed.mjs";

export function wasm({ Codec, module }, secret, compress) {
  const codec = new Codec(module, [secret], { maxAge: MAX_AGE, compress });
  return {
    sign: (session, age) => codec.encode(JSON.stringify(session), Date.now() / 1000 - age).value,
    read(cookie) {
      const { json } = codec.verify(cookie);
      return json === undefined ? null : JSON.parse(json);
    },
  };
}

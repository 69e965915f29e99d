// Cookies with their answers, for arbitrary calls of the interfaces.
import { KEY, NOW, OTHER_KEY, compressed, plain, signed } from "./signed.mjs";

export const SECRETS = [KEY, OTHER_KEY, Buffer.from("\xff\xfe bytes that are not text, and enough of them \x80", "latin1"), "just-32-bytes-long-0123456789abc"];

// Each cookie: its text, the index of its secret, its JSON, its own expiry in seconds, the status of its content, and of the
// user's id with the id and the JSON text of that value.
export function answered() {
  const all = [];
  const add = (text, json, { secret = 0, own = -1, status = "Ok", user = "NotFound", id = "", value = "" } = {}) =>
    all.push({ text, secret, json, own, status, user, id, value });
  for (const [secret, key] of SECRETS.entries()) {
    const good = (json, answers) => {
      for (const write of [plain, compressed]) add(write(json, { key }), json, { secret, ...answers });
    };
    const id = String(secret).repeat(3);
    const login = { user: "Ok", id, value: `"${id}"` };
    good(`{"_auth_user_id":"${id}"}`, login);
    good(`{"_auth_user_id":"${id}","_session_expiry":60}`, { ...login, own: 60 });
    good(`{"_auth_user_id":"${id}","cart":"${"a".repeat(1500)}"}`, login);
    good('{"cart":[1]}');
  }
  const of = (json, answers, write = plain) => add(write(json), json, answers);
  of('{"_auth_user_id":"Zo\\u00eb"}', { user: "Ok", id: "Zoë", value: '"Zo\\u00eb"' });
  of('{"_auth_user_id":7}', { user: "WrongType", value: "7" });
  of('{"_auth_user_id":"4\\u00002"}', { user: "WrongType", value: '"4\\u00002"' });
  of('{"_auth_user_id":"4","_session_expiry":true}', { status: "MalformedExpiry" });
  of("[]", { status: "NotAnObject" });
  of("{]", { status: "MalformedJson" });
  of('{"\\ud800":1}', { status: "LoneSurrogate" });
  of(`{"a":${"[".repeat(128)}${"]".repeat(128)}}`, { status: "TooDeep" });
  of(`{"a":${"1".repeat(4301)}}`, { status: "IntegerTooLong" }, compressed);
  of(`{"a":"${"a".repeat(1_000_000)}"}`, {}, compressed);
  add(signed("a="), "", { status: "MalformedBase64" });
  add(signed(".aaaa"), "", { status: "MalformedZlib" });
  add(signed("e30", { stamp: "?" }), "", { status: "MalformedStamp" });
  add(signed("e30", { at: NOW * 1000 }), "", { status: "TimeOutOfRange" });
  return all;
}

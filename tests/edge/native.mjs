// Returns the native crate's answers about cookies, through the program hardtack-inspect, in the form of the glue's answers.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { NOW, OLD, SECRET } from "./cases.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export function native(cookies) {
  const arguments_ = ["run", "--quiet", "--locked", "-p", "hardtack-inspect", "--", "--json", "--exact", `--now=${NOW}`];
  const env = { ...process.env, SECRET_KEY: SECRET, SECRET_KEY_FALLBACKS: OLD };
  let output;
  try {
    output = execFileSync("cargo", arguments_, { cwd: ROOT, env, input: cookies.join("\n"), maxBuffer: 1 << 28, stdio: ["pipe", "pipe", "inherit"] });
  } catch (error) {
    if (error.status !== 1) throw error; // 1: it refused some
    output = error.stdout;
  }
  const answers = output.toString().trim().split("\n").map(answer);
  if (answers.length !== cookies.length) throw new Error(`${answers.length} answers to ${cookies.length} cookies`);
  return answers;
}

function answer(line) {
  const { ok, error, issued_at: issuedAt, age, key } = JSON.parse(line.replaceAll(/\b(NaN|-?Infinity)\b/g, "null"));
  if (!ok) return { reason: error };
  const json = line.slice(line.indexOf('"session":') + 10, line.lastIndexOf(',"issued_at":'));
  return { json, keyIndex: key, issuedAt, age: Math.max(0, age) };
}

// The module returns a session's text as it was signed, the native crate as Django would write it. For Django's own
// text, both are the same bytes; any other text is the same session.
export function assertSame(actual, expected, message) {
  if (/^\s|[^ -~]|"a":.*"a":/.test(actual.json ?? "")) {
    const read = ({ json, ...how }) => ({ ...how, session: json && JSON.parse(json.replaceAll("NaN", "null")) });
    [actual, expected] = [read(actual), read(expected)];
  }
  assert.deepEqual(actual, expected, message);
}

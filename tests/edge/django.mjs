// Django, in a virtual environment under target/ that the Rust suites use, too.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const DJANGO = "5.2.19";
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const VENV = here(`../../target/venv-django-${DJANGO}`);
export const PYTHON = `${VENV}/bin/python`;
export const ORIGIN = here("origin.py");

if (!existsSync(`${VENV}/lib`) || !hasDjango()) {
  execFileSync("python3", ["-m", "venv", VENV]);
  execFileSync(PYTHON, ["-m", "pip", "--quiet", "--disable-pip-version-check", "install", `Django==${DJANGO}`]);
}

function hasDjango() {
  try {
    return execFileSync(PYTHON, ["-c", "import django; print(django.__version__)"], { encoding: "utf8" }).trim() === DJANGO;
  } catch {
    return false;
  }
}

// Lets Django sign sessions or read cookies (see cookies.py), with one line of JSON for each.
export function django(lines) {
  const input = lines.map((line) => JSON.stringify(line)).join("\n");
  const output = execFileSync(PYTHON, [here("cookies.py")], { input, encoding: "utf8", maxBuffer: 1 << 26 });
  return output.trim().split("\n").map((line) => JSON.parse(line));
}

// The npm package as a user has it: built, packed, and installed from its tarball in an empty project.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const NPM = here("../../examples/edge/npm/");
export const README = readFileSync(join(NPM, "README.md"), "utf8");

// Runs a program to its end and returns what it printed.
export function run(program, arguments_, options = {}) {
  try {
    return execFileSync(program, arguments_, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 26, ...options });
  } catch (error) {
    error.message += `\n${error.stdout}`; // where tsc and attw print what they found; the message has stderr
    throw error;
  }
}
export const tool = (name) => here(`node_modules/.bin/${name}`);

// The code block of the README that has this text in it.
export function snippet(text) {
  const blocks = [...README.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code).filter((code) => code.includes(text));
  if (blocks.length !== 1) throw new Error(`${blocks.length} code blocks of the README have ${text} in them`);
  return blocks[0];
}

const program = (imports) => `${imports}
console.log(JSON.stringify(answers(edge, question)));
`;

// Builds and installs the package. Each entry gets programs that print their answers to the question: NAME.mjs, NAME.cjs.
export function install(question) {
  run(join(NPM, "build.sh"), []);
  const folder = mkdtempSync(join(tmpdir(), "package-"));
  const project = join(folder, "project");
  mkdirSync(project);
  const [{ filename, files }] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", folder, join(NPM, "dist")]));
  const tarball = join(folder, filename);
  const write = (name, text) => writeFileSync(join(project, name), text);
  write("package.json", '{ "private": true, "type": "module" }');
  run("npm", ["install", "--offline", tarball], { cwd: project });

  cpSync(here("answers.mjs"), join(project, "answers.mjs"));
  write("question.mjs", `export const question = ${JSON.stringify(question)};\n`);
  for (const [name, entry] of [["main", "hardtack-edge"], ["inline", "hardtack-edge/inline"]]) {
    const both = 'import { question } from "./question.mjs";\nimport { answers } from "./answers.mjs";';
    write(`${name}.mjs`, program(`import * as edge from "${entry}";\n${both}`));
    write(`${name}.cjs`, program(`const edge = require("${entry}");\n${both.replaceAll(/import (.*) from (.*);/g, "const $1 = require($2);")}`));
    write(`${name}-worker.mjs`, `import * as edge from "${entry}";\n${both}\nexport default { fetch: () => Response.json(answers(edge, question)) };\n`);
  }
  return {
    tarball,
    project,
    files: files.map(({ path }) => path).sort(),
    write,
    // A new folder for what a bundler writes, where no node_modules can be found.
    output: (name) => {
      mkdirSync(join(folder, name));
      return join(folder, name);
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

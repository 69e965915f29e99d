// Prints a table for each host. `--brief` runs a few short rounds, to see that everything works.
import { COMPRESSED, PLAIN } from "./candidates/index.mjs";
import { node, workerd } from "./hosts.mjs";
import { measure } from "./measure.mjs";
import { JSON_BYTES, SESSIONS } from "./sessions.mjs";
import { sentences, table } from "./table.mjs";

const brief = process.argv.includes("--brief");
const plan = brief ? { rounds: 5, moment: 20, warmUp: 50 } : { rounds: 31, moment: 40, warmUp: 400 };
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1)); // which also ends workerd

const sessions = `${SESSIONS.length} sessions of ${JSON_BYTES} bytes of JSON`;
console.log(`${sessions}; cookie text in, object out; ${plan.rounds} rounds`);
for (const start of [node, workerd]) {
  const host = await start();
  try {
    const { name, version, rows, refused } = host;
    console.log(`\n${name} ${version}: ${rows.length} candidates give the same objects and refuse ${refused} bad cookies`);
    const results = await measure(host, plan);
    const of = (wanted) => results.find((result) => result.name === wanted);
    for (const line of table(name, results, of(COMPRESSED), of(PLAIN))) console.log(line);
    for (const line of sentences(name, of)) console.log(line);
  } finally {
    await host.stop();
  }
}

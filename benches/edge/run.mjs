// Prints a table for each host. `--brief`: a few short rounds, to see that all of it works.
import { COMPRESSED, PLAIN } from "./candidates/index.mjs";
import { node, workerd } from "./hosts.mjs";
import { measure } from "./measure.mjs";
import { JSON_BYTES, SESSIONS } from "./sessions.mjs";
import { sentences, table } from "./table.mjs";

const brief = process.argv.includes("--brief");
const plan = brief ? { rounds: 5, moment: 10, warmUp: 50 } : { rounds: 31, moment: 40, warmUp: 400 };
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1)); // which ends workerd, too

console.log(`${SESSIONS.length} sessions of ${JSON_BYTES} bytes of JSON; cookie text in, object out; ${plan.rounds} rounds`);
for (const start of [node, workerd]) {
  const host = await start();
  try {
    console.log(`\n${host.name} ${host.version}: ${host.rows.length} candidates give the same objects and refuse ${host.refused} bad cookies`);
    const results = await measure(host, plan);
    const of = (name) => results.find((result) => result.name === name);
    for (const line of table(host.name, results, of(COMPRESSED), of(PLAIN))) console.log(line);
    for (const line of sentences(host.name, of)) console.log(line);
  } finally {
    await host.stop();
  }
}

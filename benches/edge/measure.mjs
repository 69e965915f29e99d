// Interleaved rounds: each candidate runs for a moment in each of them, so that what else the machine does hits all alike.
import { EMPTY } from "./bench.mjs";

// Returns for each candidate the minimum and the median of its rounds, in microseconds for one cookie. Of the empty loop
// it takes off the same: what one round has to wait for is not taken off another.
export async function measure(host, { rounds, moment, warmUp }) {
  const candidates = [];
  for (const { name, bytes } of host.rows) {
    candidates.push({ name, bytes, count: await counted(host, name, moment, warmUp), times: [], empty: [] });
  }
  for (let round = 0; round < rounds; round++) {
    for (let index = 0; index < candidates.length; index++) {
      const { name, count, times, empty } = candidates[(index + round) % candidates.length]; // each goes first now and then
      times.push(await host.time(name, count));
      empty.push(await host.time(EMPTY, count));
    }
  }
  return candidates.map(({ name, bytes, count, times, empty }) => {
    const each = (statistic) => ((statistic(times) - statistic(empty)) * 1000) / count;
    return { name, bytes, minimum: each(minimum), median: each(median) };
  });
}

const minimum = (numbers) => Math.min(...numbers);
const median = (numbers) => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)];

// How many cookies a candidate reads in a moment, found while it warms up.
async function counted(host, name, moment, warmUp) {
  let count = 64;
  for (let spent = 0; ; ) {
    const time = await host.time(name, count);
    spent += time;
    if (spent >= warmUp && time >= moment / 2) return Math.ceil((count * moment) / time);
    if (time < moment) count *= 2;
  }
}

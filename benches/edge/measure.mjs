// Interleaved rounds: each candidate runs briefly in each round, so that other load on the machine affects all of them alike.
import { EMPTY } from "./bench.mjs";

// Returns for each candidate the minimum and the median of its rounds, in microseconds per cookie. It subtracts the
// minimum and the median of the empty loop, so that a delay in one round is not subtracted from another.
export async function measure(host, { rounds, moment, warmUp }) {
  const candidates = [];
  for (const { name, bytes } of host.rows) {
    candidates.push({ name, bytes, count: await counted(host, name, moment, warmUp), times: [], empty: [] });
  }
  for (let round = 0; round < rounds; round++) {
    for (let index = 0; index < candidates.length; index++) {
      const { name, count, times, empty } = candidates[(index + round) % candidates.length]; // each is first in turn
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

// Returns how many cookies a candidate reads in one turn, measured while it warms up.
async function counted(host, name, moment, warmUp) {
  let count = 64;
  for (let spent = 0; ; ) {
    const time = await host.time(name, count);
    spent += time;
    if (spent >= warmUp && time >= moment / 2) return Math.ceil((count * moment) / time);
    if (time < moment) count *= 2;
  }
}

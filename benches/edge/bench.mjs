// The part that runs inside a host: it checks the candidates, and loops over their cookies.
import { candidates } from "./candidates/index.mjs";
import { check } from "./check.mjs";
import { SESSIONS, mean } from "./sessions.mjs";

const SECRET = "an-example-of-50-characters-or-so-made-by-a-generator";
const OTHER = "nobody-here-knows-this-one-of-50-characters-or-so-ever";
export const EMPTY = "the empty loop";
const NOTHING = { cookies: SESSIONS, read: (session) => session };

export class Bench {
  #candidates = new Map();
  #refused = 0;

  static async open(edge) {
    const bench = new Bench();
    const strangers = await candidates(edge, OTHER);
    for (const [index, candidate] of (await candidates(edge, SECRET)).entries()) {
      const cookies = [];
      for (const session of SESSIONS) cookies.push(await candidate.sign(session, 0));
      bench.#refused += await check(candidate, cookies, strangers[index]);
      bench.#candidates.set(candidate.name, { cookies, read: candidate.read });
    }
    return bench;
  }

  // Returns plain data, which can be sent over a connection.
  describe() {
    const bytes = (cookies) => mean(cookies.map((cookie) => cookie.length)); // all are ASCII
    const rows = Array.from(this.#candidates, ([name, { cookies }]) => ({ name, bytes: bytes(cookies) }));
    return { rows, refused: this.#refused };
  }

  // Reads `count` cookies in order. Only asynchronous candidates are awaited.
  async run(name, count) {
    const { cookies, read } = name === EMPTY ? NOTHING : this.#candidates.get(name);
    for (let index = 0; index < count; index++) {
      const answer = read(cookies[index % cookies.length]);
      const session = answer instanceof Promise ? await answer : answer;
      if (session === null) throw new Error(`${name}: refused its own cookie`);
    }
  }
}

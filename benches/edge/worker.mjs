// The bench in workerd. Its clock does not advance during a request, so the client measures.
import * as edge from "../../examples/edge/workerd.mjs";
import { Bench } from "./bench.mjs";

let bench; // created in the first request, because there is no randomness outside a request

export default {
  async fetch(request) {
    try {
      return Response.json(await answer(new URL(request.url)));
    } catch (error) {
      return new Response(error.message, { status: 500 });
    }
  },
};

async function answer({ pathname, searchParams }) {
  if (pathname === "/open") {
    bench = await Bench.open(edge);
    return bench.describe();
  }
  await bench.run(searchParams.get("name"), Number(searchParams.get("count")));
  return "done";
}

import * as edge from "./workerd.mjs";
import { answers } from "./answers.mjs";

export default {
  async fetch(request) {
    return Response.json(answers(edge, await request.json()));
  },
};

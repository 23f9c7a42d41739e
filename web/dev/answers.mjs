import { emptyAnswer } from "./empty.mjs";
import { hostile } from "./hostile.mjs";
import { answerShop } from "./shop/answer.mjs";
import { bigTrace } from "./shop/big_trace.mjs";

// What a store answers: a path and a query to { status, body }.
export function answersOf(store) {
  switch (store) {
    case "empty":
      return emptyAnswer;
    case "quiet": // there is telemetry, but of another time
      return (path, query) => (path === "/status" ? answerShop(path, query) : emptyAnswer(path, query));
    case "hostile":
      return hostile(answerShop);
    case "big":
      return (path, query) =>
        path.startsWith("/traces/") ? { body: bigTrace(path.split("/")[2]) } : answerShop(path, query);
    default:
      return answerShop;
  }
}

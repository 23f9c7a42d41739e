import { emptyAnswer } from "./empty.mjs";
import { hostile } from "./hostile.mjs";
import { answerShop } from "./shop/answer.mjs";
import { bigTrace } from "./shop/big_trace.mjs";

// What a store answers: a path and a query to { status, body }.
export function answersOf(store) {
  switch (store) {
    case "empty":
      return emptyAnswer;
    case "hostile":
      return hostile(answerShop);
    case "big":
      return (path, query) =>
        path.startsWith("/traces/") ? { body: bigTrace(path.split("/")[2]) } : answerShop(path, query);
    default:
      return answerShop;
  }
}

import { expect, test } from "vitest";
import { keepRecentTexts } from "./recent-texts.ts";

test("keeps texts until they are dropped, and past its bound lets the oldest go", () => {
  const texts = keepRecentTexts(10);
  texts.put("a", "aaaa");
  texts.put("b", "bbbb");
  // The same again is counted once.
  texts.put("b", "bbbb");
  expect([texts.get("a"), texts.get("b"), texts.get("c")]).toEqual(["aaaa", "bbbb", undefined]);
  texts.put("c", "ccc");
  expect([texts.get("a"), texts.get("b"), texts.get("c")]).toEqual([undefined, "bbbb", "ccc"]);
  texts.drop("b");
  texts.put("d", "ddddddd");
  expect([texts.get("b"), texts.get("c"), texts.get("d")]).toEqual([undefined, "ccc", "ddddddd"]);
  // One that is larger than all there is room for is not kept.
  texts.put("e", "e".repeat(11));
  expect([texts.get("d"), texts.get("e")]).toEqual([undefined, undefined]);
});

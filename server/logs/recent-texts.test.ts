import { expect, test } from "vitest";
import { keepRecentTexts } from "./recent-texts.ts";

test("keeps texts until they are dropped, and past its bound lets the oldest go", () => {
  const texts = keepRecentTexts(10);
  texts.put("one", "a", "aaaa");
  texts.put("one", "b", "bbbb");
  // The same again is counted once.
  texts.put("one", "b", "bbbb");
  expect([texts.get("a"), texts.get("b"), texts.get("c")]).toEqual(["aaaa", "bbbb", undefined]);
  texts.put("one", "c", "ccc");
  expect([texts.get("a"), texts.get("b"), texts.get("c")]).toEqual([undefined, "bbbb", "ccc"]);
  texts.drop("b");
  texts.put("one", "d", "ddddddd");
  expect([texts.get("b"), texts.get("c"), texts.get("d")]).toEqual([undefined, "ccc", "ddddddd"]);
  // One that is larger than all there is room for is not kept.
  texts.put("one", "e", "e".repeat(11));
  expect([texts.get("d"), texts.get("e")]).toEqual([undefined, undefined]);
});

test("forgets a record that has ended, and no other", () => {
  const texts = keepRecentTexts(10);
  texts.put("one", "a", "aaaa");
  texts.put("two", "b", "bbbb");
  texts.forget("one");
  texts.put("two", "c", "cccccc");
  expect([texts.get("a"), texts.get("b"), texts.get("c")]).toEqual([undefined, "bbbb", "cccccc"]);
});

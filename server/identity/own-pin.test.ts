import { expect, test } from "vitest";
import { isCommonPin } from "./own-pin.ts";

test.each(["0000", "1111", "77777777", "1234", "4321", "7890", "123456", "1212", "123123", "2580", "1004"])(
  "%s is one of the first that somebody would try",
  (pin) => expect(isCommonPin(pin)).toBe(true),
);

test.each(["1987", "2046", "8302", "1357", "730164", "24680135"])("%s is taken", (pin) =>
  expect(isCommonPin(pin)).toBe(false),
);

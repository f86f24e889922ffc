import { expect, test } from "vitest";
import { lackingOf } from "./service.ts";

const ready = { link: "online", persisted: true, lastContactMs: 0 } as const;
const inDays = (days: number) => Date.now() + days * 86_400_000;

test("a tablet is ready for the day when its person can come back for a fortnight without the base", () => {
  expect(lackingOf({ ...ready, signInUntilMs: inDays(20) })).toEqual([]);
  expect(lackingOf({ ...ready, signInUntilMs: Number.POSITIVE_INFINITY })).toEqual([]);
  expect(lackingOf({ ...ready, signInUntilMs: inDays(13) })).toEqual([
    expect.stringMatching(/without the base ends on/),
  ]);
});

import { expect, test } from "vitest";
import { lackingOf, serviceOf } from "./service.ts";

const ready = { link: "online", persisted: true, lastContactMs: 0 } as const;
const inDays = (days: number) => Date.now() + days * 86_400_000;

test("a tablet is ready for the day when its person can come back for a fortnight without the base", () => {
  expect(lackingOf({ ...ready, signInUntilMs: inDays(20) })).toEqual([]);
  expect(lackingOf({ ...ready, signInUntilMs: Number.POSITIVE_INFINITY })).toEqual([]);
  expect(lackingOf({ ...ready, signInUntilMs: inDays(13) })).toEqual([
    expect.stringMatching(/without the base ends on/),
  ]);
});

test("the level of service names who answers, and as of when a standby shows what the base had", () => {
  const words = (link: Parameters<typeof serviceOf>[0]["link"], standby: { asOf: string | null } | null) =>
    serviceOf({ phase: "ready", link, standby }, Date.parse("2026-11-22T14:40:00Z"));
  const standby = { asOf: "2026-11-22T14:31:07.200Z" };
  expect(words("online", null)).toEqual({ level: "normal", words: "Connected to the base" });
  expect(words("online", standby)).toEqual({
    level: "standby",
    words:
      "The base does not answer. The standby does: it shows what the base had at 14:31:07, and keeps what you write until the base has it.",
  });
  expect(words("online", { asOf: null }).words).toContain("shows nothing of the base's");
  expect(words("online", { asOf: "2026-11-20T14:31:07.200Z" }).words).toContain("had at Fri 20 Nov 14:31:07");
  // The last that answered was the standby, and now nobody does.
  expect(words("unreachable", standby)).toMatchObject({ level: "cut", words: expect.stringMatching(/^No connection/) });
  expect(words("busy", standby).words).toMatch(/^The standby is busy/);
});

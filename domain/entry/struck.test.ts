import { describe, expect, test } from "vitest";
import { sampleEntries } from "#test/sample-entries.ts";
import { fold } from "../record.ts";
import { struckWhy, timelineLines, versionsToStrike } from "./struck.ts";

describe("a line that was amended and then struck", () => {
  const make = sampleEntries();
  const first = make.add("note", { text: "One" });
  const second = make.amend(first, { text: "Two" });
  const third = make.amend(second, { text: "Three" });
  const before = fold([first, second, third]);

  test("is struck version by version, the oldest first, so that no earlier one comes back", () => {
    const targets = versionsToStrike(before, before.notes[0]!);
    expect(targets).toEqual([first, second, third]);
    const entries = [first, second, third];
    for (const target of targets.slice(0, -1)) {
      entries.push(make.strike(target));
      expect(fold(entries).notes.map((line) => line.entry)).toEqual([third]);
    }
    entries.push(make.strike(third));
    expect(fold(entries).notes).toEqual([]);
  });

  test("is one line of the timeline, with its history", () => {
    const struck = fold([first, second, third, ...[first, second, third].map((target) => make.strike(target))]);
    expect(timelineLines(struck)).toMatchObject([{ entry: third, state: "struck", history: [first, second] }]);
  });

  test("a version that was struck before is not struck again", () => {
    const record = fold([first, second, third, make.strike(second)]);
    expect(versionsToStrike(record, record.notes[0]!)).toEqual([first, third]);
  });

  test("an undo says so in words", () => {
    expect(struckWhy(make.strike(first, { reason: "slip" }))).toBe("undone at once");
    expect(struckWhy(make.strike(first, { reason: "Written twice" }))).toBe("Written twice");
  });
});

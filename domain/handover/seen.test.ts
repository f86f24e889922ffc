import { describe, expect, test } from "vitest";
import { minute, recordOf, sampleEntries, screen, tabletA, tabletB } from "#test/sample-entries.ts";
import { changedSince, seenBy } from "./seen.ts";

const site = { siteId: "north-ed", name: "North ED" };

describe("changed since", () => {
  test("added, amended, struck and restored; nothing that was seen", () => {
    const make = sampleEntries();
    const [kept, fixed, gone, back] = ["kept", "fixed", "gone", "back"].map((text) => make.add("note", { text }));
    const hidden = make.strike(back!);
    const seen = { [tabletA]: 5 };
    const before = [kept!, fixed!, gone!, back!, hidden];
    expect(changedSince(recordOf(...before), seen)).toEqual([]);
    const after = recordOf(
      ...before,
      make.amend(fixed!, { text: "right" }),
      make.strike(gone!, { deviceId: tabletB }),
      make.strike(hidden),
      make.add("note", { text: "new" }),
    );
    const said = changedSince(after, seen).map(({ line, change }) => [line.entry.body.text, change]);
    expect(said).toEqual([
      ["gone", "struck"],
      ["back", "restored"],
      ["right", "amended"],
      ["new", "added"],
    ]);
  });

  test("what came and was struck unseen is left out", () => {
    const make = sampleEntries();
    const slip = make.add("note", { text: "slip" });
    expect(changedSince(recordOf(slip, make.strike(slip, { reason: "slip" })), {})).toEqual([]);
  });

  test("hostile device names in the heads are only names", () => {
    const make = sampleEntries();
    expect(changedSince(recordOf(make.add("note", { text: "a" })), { constructor: 9, [tabletB]: 9 })).toHaveLength(1);
  });
});

test("an entry is at the hospital once a screen drew it, seen once a person opened it, accepted once accepted", () => {
  const make = sampleEntries();
  const first = make.add("note", { text: "1" });
  const second = make.add("note", { text: "2" });
  const receipt = (what: string, n: number, at: number, name = "Screen") =>
    make.add(
      "receipt",
      { what, site, seen: { [tabletA]: n } },
      { deviceId: screen, at: minute(at), name, role: "Nurse" },
    );
  const record = recordOf(
    first,
    second,
    receipt("displayed", 1, 10),
    receipt("seen", 1, 11, "Nurse Demo"),
    receipt("seen", 1, 12, "Nurse Demo"),
    make.add(
      "acceptance",
      { site, acceptedBy: "Sister Demo", seen: { [tabletA]: 1 } },
      { deviceId: screen, at: minute(13) },
    ),
  );
  expect(seenBy(record, first)).toEqual({
    atHospital: { siteName: "North ED", at: minute(10) },
    seenBy: [{ name: "Nurse Demo", role: "Nurse", at: minute(11) }],
    acceptedBy: { name: "Sister Demo", at: minute(13) },
  });
  expect(seenBy(record, second)).toEqual({ seenBy: [] });
});

import { describe, expect, test } from "vitest";
import { fold } from "#domain/record.ts";
import { minute, sampleEntries, screen, tabletA } from "#test/sample-entries.ts";
import { whereItIs } from "./entry-place.ts";

const site = { siteId: "southgate-ed", name: "Southgate ED" };
const from = (name: string, at: number) => ({ deviceId: screen, name, at: minute(at) });
const acknowledged = { at: "acknowledged", epoch: 1, position: 1 } as const;

describe("where an entry is", () => {
  const { add } = sampleEntries();
  const note = add("note", { text: "Daughter on the way" });
  const displayed = add("receipt", { what: "displayed", site, seen: { [tabletA]: 1 } }, from("Board", 5));
  const seen = add("receipt", { what: "seen", site, seen: { [tabletA]: 1 } }, from("Dr Patel", 6));
  const acceptance = add("acceptance", { site, acceptedBy: "Dr Patel", seen: { [tabletA]: 1 } }, from("Dr Patel", 7));

  test("until the base answers it is on this tablet, whether or not its state is known", () => {
    expect(whereItIs(fold([note]), note, { at: "waiting" }, false).place).toBe("tablet");
    expect(whereItIs(fold([note]), note, undefined, false).place).toBe("tablet");
  });

  test("then at the base, at the hospital, seen by a person, accepted by one, each with its time", () => {
    expect(whereItIs(fold([note]), note, acknowledged, false)).toMatchObject({ place: "base", words: "" });
    expect(whereItIs(fold([note, displayed]), note, acknowledged, false)).toMatchObject({
      place: "hospital",
      words: "At Southgate ED 10:05",
    });
    expect(whereItIs(fold([note, displayed, seen]), note, acknowledged, false)).toMatchObject({
      place: "seen",
      words: "Seen by Dr Patel 10:06",
    });
    expect(whereItIs(fold([note, displayed, seen, acceptance]), note, acknowledged, false).words).toBe(
      "Accepted by Dr Patel 10:07",
    );
  });

  test("what a standby holds, of this tablet or of another, is not at the base, whatever the archive has", () => {
    const ours = { at: "held", life: "a" } as const;
    const theirs = { at: "foreign", epoch: 1, position: 0, held: true } as const;
    for (const state of [ours, theirs]) expect(whereItIs(fold([note]), note, state, true).place).toBe("standby");
    const { held: _, ...placed } = theirs;
    expect(whereItIs(fold([note]), note, placed, false).place).toBe("base");
  });

  test("a hospital that had it by the standby or from a film is said, and that the base lacks it", () => {
    const seenBeyond = (state: Parameters<typeof whereItIs>[2]) =>
      whereItIs(fold([note, displayed, seen]), note, state, false);
    expect(seenBeyond({ at: "held", life: "a" })).toMatchObject({ place: "seen", lacksBase: true });
    expect(seenBeyond({ at: "waiting" })).toMatchObject({ place: "seen", lacksBase: true });
    expect(seenBeyond(acknowledged)).toMatchObject({ place: "seen", lacksBase: false });
    expect(seenBeyond(undefined).lacksBase).toBe(false);
  });

  test("in the archive once the base says so; a hospital that has it is what shows, and the archive beside it", () => {
    expect(whereItIs(fold([note]), note, acknowledged, true)).toMatchObject({ place: "archive", inArchive: true });
    expect(whereItIs(fold([note, displayed]), note, acknowledged, true)).toMatchObject({
      place: "hospital",
      inArchive: true,
    });
    expect(whereItIs(fold([note, displayed]), note, acknowledged, false).inArchive).toBe(false);
  });

  test("what was written after the acceptance was not accepted", () => {
    const later = add("note", { text: "Pain is back" }, { at: minute(9) });
    expect(whereItIs(fold([note, acceptance, later]), later, acknowledged, false)).toMatchObject({
      place: "base",
      words: "",
    });
  });

  test("after a diversion it is at the hospital when the new site has it, and the words still tell of the old one", () => {
    const harbour = { siteId: "harbour-ed", name: "Harbour ED" };
    const diverted = add("destination", { site: harbour }, { at: minute(8) });
    const there = add("receipt", { what: "displayed", site: harbour, seen: { [tabletA]: 1 } }, from("Board", 9));
    expect(whereItIs(fold([note, seen, diverted]), note, acknowledged, false)).toMatchObject({
      place: "base",
      words: "At Southgate ED 10:06, before the diversion",
    });
    expect(whereItIs(fold([note, seen, diverted, there]), note, acknowledged, false)).toMatchObject({
      place: "hospital",
      words: "At Harbour ED 10:09",
    });
  });

  test("what the hospital wrote is at the hospital", () =>
    expect(whereItIs(fold([note, acceptance]), acceptance, acknowledged, false)).toMatchObject({
      place: "hospital",
      words: "Written at Southgate ED",
    }));

  test("an entry that the base could not read is at the base, and flagged", () =>
    expect(whereItIs(fold([note, displayed]), note, { at: "quarantined", code: "unreadable" }, false)).toMatchObject({
      place: "base",
      words: "",
      keptAside: true,
    }));

  test("an entry of a revoked tablet waits at the desk, and no hospital has it", () =>
    expect(
      whereItIs(fold([note, displayed]), note, { at: "quarantined", code: "revoked-device" }, false),
    ).toMatchObject({
      place: "base",
      words: "Waits at the trust's desk",
      keptAside: true,
    }));
});

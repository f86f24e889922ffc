import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { minute, recordOf, sampleEntries, sampleId, sampleRecordId, tabletA, tabletB } from "#test/sample-entries.ts";
import type { Entry } from "./entry/entry.ts";
import { resolveStrikes } from "./entry/standing.ts";
import { timelineLines } from "./entry/struck.ts";
import { fold } from "./record.ts";

const note = (text: string) => ({ text });

describe("strike", () => {
  test("a struck entry stays readable with who, when and why", () => {
    const make = sampleEntries();
    const drug = make.add("drug", { drug: "Aspirin" });
    const strike = make.strike(drug);
    const record = recordOf(drug, strike);
    expect(record.drugs).toEqual([]);
    expect(record.lines).toMatchObject([{ entry: drug, state: "struck", struckBy: strike, slip: false }]);
  });

  test("may arrive before its target", () => {
    const make = sampleEntries();
    const drug = make.add("drug", { drug: "Aspirin" });
    const strike = make.strike(drug);
    expect(recordOf(strike)).toMatchObject({ lines: [], pendingStrikes: [strike] });
    expect(recordOf(strike, drug)).toMatchObject({ lines: [{ state: "struck" }], pendingStrikes: [] });
  });

  test("struck itself, it lets the target stand again; and a third strike takes it away again", () => {
    const make = sampleEntries();
    const text = make.add("note", note("a"));
    const first = make.strike(text);
    const second = make.strike(first);
    const third = make.strike(second);
    expect(recordOf(text, first, second).lines[0]?.state).toBe("current");
    expect(recordOf(text, first, second, third).lines[0]?.state).toBe("struck");
  });

  test("undo is folded away, unless somebody else struck it for a reason", () => {
    const make = sampleEntries();
    const text = make.add("note", note("a"));
    const undo = make.strike(text, { reason: "slip" });
    const reasoned = make.strike(text, { deviceId: tabletB });
    expect(recordOf(text, undo).lines[0]).toMatchObject({ state: "struck", slip: true });
    expect(recordOf(text, undo, reasoned).lines[0]).toMatchObject({ slip: false, struckBy: reasoned });
  });

  test("strikes in a ring, and one that names itself, strike nothing", () => {
    const make = sampleEntries();
    const text = make.add("note", note("a"));
    const about = (id: number) => ({ rel: "strikes" as const, id: sampleId(id), reason: "x" });
    const one = make.add("strike", {}, { id: sampleId(101), ref: about(102) });
    const two = make.add("strike", {}, { id: sampleId(102), ref: about(101) });
    const self = make.add("strike", {}, { id: sampleId(103), ref: about(103) });
    expect(recordOf(text, one, two, self).lines[0]?.state).toBe("current");
  });

  test("of a version this one does not know is shown and strikes nothing", () => {
    const make = sampleEntries();
    const text = make.add("note", note("a"));
    const strike = make.add("strike", {}, { v: 2, ref: { rel: "strikes", id: text.id, reason: "x" } });
    expect(recordOf(text, strike)).toMatchObject({ notes: [{ entry: text }], unknown: [{ entry: strike }] });
  });
});

describe("amend", () => {
  test("the amendment stands with the earlier versions behind it, oldest first", () => {
    const make = sampleEntries();
    const first = make.add("note", note("1"));
    const second = make.amend(first, note("2"));
    const third = make.amend(second, note("3"));
    const record = recordOf(third, first, second);
    expect(record.notes).toMatchObject([
      { entry: third, history: [first, second], rootId: first.id, disagrees: false },
    ]);
    expect(record.lines.map((line) => line.state)).toEqual(["amended", "amended", "current"]);
  });

  test("struck, it lets the earlier one stand again", () => {
    const make = sampleEntries();
    const first = make.add("note", note("1"));
    const second = make.amend(first, note("2"));
    const record = recordOf(first, second, make.strike(second));
    expect(record.notes.map((line) => line.entry)).toEqual([first]);
  });

  test("a struck one in the middle does not split the line in two", () => {
    const make = sampleEntries();
    const first = make.add("note", note("1"));
    const second = make.amend(first, note("2"));
    const third = make.amend(second, note("3"));
    const record = recordOf(first, second, third, make.strike(second));
    expect(record.notes.map((line) => line.entry)).toEqual([third]);
  });

  test("two devices that amend one entry disagree, and both are shown", () => {
    const make = sampleEntries();
    const first = make.add("note", note("1"));
    const here = make.amend(first, note("2"));
    const there = make.amend(first, note("3"), { deviceId: tabletB });
    expect(recordOf(first, here, there).notes).toMatchObject([
      { entry: here, disagrees: true },
      { entry: there, disagrees: true },
    ]);
  });

  test("one whose body cannot be read hides nothing", () => {
    const make = sampleEntries();
    const first = make.add("allergies", { allergies: { is: [{ substance: "Penicillin" }] } });
    const newer = make.add("allergies", {}, { v: 2, ref: { rel: "amends", id: first.id, reason: "x" } });
    const record = recordOf(first, newer);
    expect(record.allergies?.entry).toEqual(first);
    expect(record.unknown).toMatchObject([{ entry: newer, disagrees: true }]);
  });

  test("of another kind amends nothing; in a ring both stand", () => {
    const make = sampleEntries();
    const text = make.add("note", note("1"));
    const other = make.add("event", { event: "IV" }, { ref: { rel: "amends", id: text.id, reason: "x" } });
    const amends = (id: number) => ({ rel: "amends" as const, id: sampleId(id), reason: "x" });
    const one = make.add("note", note("2"), { id: sampleId(101), ref: amends(102) });
    const two = make.add("note", note("3"), { id: sampleId(102), ref: amends(101) });
    expect(recordOf(text, other, one, two).notes.map((line) => line.entry)).toEqual([text, one, two]);
  });
});

describe("fields", () => {
  test("the last in display order is shown, and a standing one that differs is marked", () => {
    const make = sampleEntries();
    const early = make.add("patient", { identity: "stated", familyName: "DEMO-A" }, { at: minute(1) });
    const late = make.add(
      "patient",
      { identity: "stated", familyName: "DEMO-B" },
      { at: minute(2), deviceId: tabletB },
    );
    expect(recordOf(late, early).patient).toMatchObject({ entry: late, disagreement: [early] });
    expect(recordOf(early, make.amend(early, { identity: "traced" })).patient?.disagreement).toEqual([]);
  });

  test("the same said twice is no disagreement, but 36 and 36.0 differ", () => {
    const make = sampleEntries();
    const said = (value: string) =>
      make.add("patient", { identity: "stated", weight: { how: "stated", quantity: { value, unit: "kg" } } });
    expect(recordOf(said("80"), said("80")).patient?.disagreement).toHaveLength(0);
    expect(recordOf(said("80"), said("80.0")).patient?.disagreement).toHaveLength(1);
  });

  test("a later destination replaces the earlier one without a disagreement", () => {
    const make = sampleEntries();
    const to = (siteId: string) => make.add("destination", { site: { siteId, name: siteId } });
    expect(recordOf(to("a"), to("b")).destination).toMatchObject({ body: { site: { siteId: "b" } }, disagreement: [] });
  });

  test("heads count everything, content heads all but receipts", () => {
    const make = sampleEntries();
    const site = { siteId: "a", name: "A" };
    const record = recordOf(make.add("note", note("1")), make.add("receipt", { what: "seen", site, seen: {} }));
    expect(record.heads).toEqual({ [tabletA]: 2 });
    expect(record.contentHeads).toEqual({ [tabletA]: 1 });
  });

  test("what this version does not know is kept and listed", () => {
    const make = sampleEntries();
    const strange = make.add("photograph", { any: "thing" });
    const broken = make.add("drug", { dose: "much" });
    expect(recordOf(strange, broken).unknown.map((line) => line.entry)).toEqual([strange, broken]);
  });
});

test("the repeated hour of the autumn clock change does not reorder", () => {
  const make = sampleEntries();
  const times = ["2026-10-25T00:30:00.000Z", "2026-10-25T00:59:00.000Z", "2026-10-25T01:30:00.000Z"];
  const entries = times.map((at) => make.add("note", note(at), { at }));
  expect(fold(entries.toReversed()).notes.map((line) => line.entry.occurredAt)).toEqual(times);
});

/** Any small record: a few ids, devices and times, so that references meet, cross, repeat and go in rings. */
const hostileEntries = fc.array(
  fc.record({
    id: fc.nat(7).map(sampleId),
    recordId: fc.constant(sampleRecordId),
    deviceId: fc.constantFrom(tabletA, tabletB),
    n: fc.integer({ min: 1, max: 9 }),
    prev: fc.constant(null),
    kind: fc.constantFrom("note", "strike", "strike", "allergies", "strange", "co-signature", "co-signature"),
    v: fc.constantFrom(1, 1, 2),
    salt: fc.constant("0".repeat(32)),
    occurredAt: fc.nat(3).map(minute),
    recorded: fc.constant({ clock: minute(0), timeZone: "UTC", serverOffsetMs: null, serverOffsetAgeMs: null }),
    author: fc.record(
      {
        userId: fc.constantFrom("u1", "u2", "u3"),
        name: fc.constant("Demo"),
        role: fc.constant("Paramedic"),
        signIn: fc.constantFrom("pin", "pin", "pin-weak", "vouched"),
        coSign: fc.constantFrom("needed", "later"),
      },
      { requiredKeys: ["userId", "name", "role", "signIn"] },
    ),
    ref: fc.record({
      rel: fc.constantFrom("amends" as const, "strikes" as const, "about" as const),
      id: fc.nat(7).map(sampleId),
      reason: fc.constantFrom("slip", "wrong"),
    }),
    body: fc.oneof(
      fc.constantFrom<Record<string, unknown>>({ text: "a" }, { text: "b" }, { allergies: { no: "none" } }, {}),
      fc.array(fc.nat(7).map(sampleId), { minLength: 1, maxLength: 4 }).map((entries) => ({ entries, text: "c" })),
    ),
  }) satisfies fc.Arbitrary<Entry>,
  { maxLength: 12 },
);

describe("any entries", () => {
  test("fold to the same record in any order, and however often they come", () => {
    const scrambled = hostileEntries.chain((entries) =>
      fc.tuple(
        fc.constant(entries),
        fc.shuffledSubarray(entries, { minLength: entries.length }),
        fc.shuffledSubarray(entries),
      ),
    );
    fc.assert(
      fc.property(scrambled, ([entries, shuffled, again]) => {
        expect(fold([...shuffled, ...structuredClone(again)])).toEqual(fold(entries));
      }),
      { numRuns: 500 },
    );
  });

  test("none is dropped: each is a line, a receipt, a co-signature or a strike", () => {
    fc.assert(
      fc.property(hostileEntries, (entries) => {
        const record = fold(entries);
        const lined = record.lines.map((line) => line.entry);
        const shown = [...lined, ...record.receipts, ...record.coSignatures, ...record.strikes];
        expect(new Set(shown.map((entry) => entry.id))).toEqual(new Set(entries.map((entry) => entry.id)));
      }),
    );
  });

  test("await a co-signature just where the rule says so, told here the long way round", () => {
    let signed = 0;
    fc.assert(
      fc.property(hostileEntries, (entries) => {
        const record = fold(entries);
        const has = (id: string) => entries.some((entry) => entry.id === id);
        const { struckBy } = resolveStrikes(record.strikes, has);
        /** Of what somebody else struck: the newest entry that took such a strike back, if it is by who needs a co-signature. */
        const studentsUndoing = (id: string): Entry | undefined => {
          const [newest] = record.strikes
            .filter(({ id: own, ref }) => ref?.rel === "strikes" && ref.id === id && own !== id)
            .flatMap((strike) => {
              const undoing = struckBy.get(strike.id);
              return undoing !== undefined && undoing.author.userId !== strike.author.userId ? [undoing] : [];
            })
            .toSorted((a, b) => b.occurredAt.localeCompare(a.occurredAt));
          return newest?.author.coSign === undefined ? undefined : newest;
        };
        const signs = (said: Entry) =>
          record.coSignatures.some(
            ({ id, author, body }) =>
              !struckBy.has(id) &&
              studentsUndoing(id) === undefined &&
              author.coSign === undefined &&
              author.signIn.startsWith("pin") &&
              author.userId !== said.author.userId &&
              body.entries.includes(said.id),
          );
        for (const line of record.lines) {
          const said = line.struckBy ?? studentsUndoing(line.entry.id) ?? line.entry;
          const isOwnStrike = line.struckBy?.author.userId === line.entry.author.userId;
          const asks = line.state !== "amended" && said.author.coSign !== undefined && !isOwnStrike;
          expect(line.coSign?.of).toBe(asks ? said : undefined);
          if (!line.coSign) continue;
          expect(line.coSign.by.length > 0).toBe(signs(said));
          signed += line.coSign.by.length;
          expect(record.awaitingCoSign.includes(line)).toBe(!signs(said) && timelineLines(record).includes(line));
        }
      }),
      { numRuns: 500 },
    );
    expect(signed).toBeGreaterThan(0);
  });

  test("a chain of 20,000 amendments folds, with the newest versions behind the line", () => {
    const make = sampleEntries();
    const chain = [make.add("note", note("0"))];
    while (chain.length < 20_000) chain.push(make.amend(chain.at(-1)!, note("more")));
    const record = fold(chain.toReversed());
    expect(record.notes).toMatchObject([{ entry: chain.at(-1), rootId: chain[0]!.id }]);
    expect(record.notes[0]!.history.at(-1)).toEqual(chain.at(-2));
  });
});

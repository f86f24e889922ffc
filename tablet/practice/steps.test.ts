import { describe, expect, test } from "vitest";
import type { Entry } from "#domain/entry/entry.ts";
import { fold } from "#domain/record.ts";
import type { HeldState } from "#sync/store.ts";
import { sampleEntries, wholeSet } from "#test/sample-entries.ts";
import { countsOf, type Look, nextOf, nothingSeen, observe, type Seen, stepsOf, tookWords } from "./steps.ts";

const acknowledged: HeldState = { at: "acknowledged", epoch: 1, position: 1 };
const waiting: HeldState = { at: "waiting" };

/** A practice as a crew goes through it: every look is seen, as it is on the tablet. */
const crew = () => {
  const make = sampleEntries();
  const held: { entry: Entry; state: HeldState; lines: number }[] = [];
  let plug: Look["plug"] = "in";
  let seen: Seen = nothingSeen;
  const look = (): Look => ({
    record: fold(held.map(({ entry }) => entry)),
    states: new Map(held.map(({ entry, state }) => [entry.id, state])),
    atBase: new Map(held.filter(({ lines }) => lines > 0).map(({ entry, lines }) => [entry.id, lines])),
    plug,
    link: plug === "in" ? "online" : "unreachable",
  });
  const sees = () => {
    seen = observe(seen, look());
  };
  const write = (kind: string, body: Record<string, unknown>): void => {
    const [state, lines] = plug === "in" ? [acknowledged, 1] : [waiting, 0];
    held.push({ entry: make.add(kind, body), state, lines });
    sees();
  };
  return {
    held,
    obs: () => write("observations", wholeSet()),
    drug: () => write("drug", { drug: "Aspirin", dose: { value: "300", unit: "mg" }, route: "oral" }),
    handover: (body: Record<string, unknown>) => write("handover", body),
    pull: () => {
      plug = "out";
      sees();
    },
    /** What waited is sent, but for those named. */
    putBack: (lost: readonly string[] = []) => {
      plug = "in";
      for (const one of held) {
        if (one.state.at !== "waiting" || lost.includes(one.entry.id)) continue;
        Object.assign(one, { state: acknowledged, lines: 1 });
      }
      sees();
    },
    sees,
    done: () => stepsOf(seen, look()).map(({ done }) => done),
    next: () => nextOf(stepsOf(seen, look()), plug),
    counts: () => countsOf(seen, look()),
  };
};

const [yes, no] = [true, false];

describe("the steps of a practice", () => {
  test("are ticked one after the other by what the crew has done", () => {
    const practice = crew();
    expect(practice.done()).toEqual([no, no, no, no, no]);
    practice.obs();
    expect(practice.done()).toEqual([yes, no, no, no, no]);
    practice.pull();
    expect(practice.done()).toEqual([yes, yes, no, no, no]);
    practice.obs();
    expect(practice.done()).toEqual([yes, yes, no, no, no]);
    practice.drug();
    expect(practice.done()).toEqual([yes, yes, yes, no, no]);
    practice.handover({ receiverName: "Nurse Demo" });
    expect(practice.done()).toEqual([yes, yes, yes, yes, no]);
    practice.putBack();
    expect(practice.done()).toEqual([yes, yes, yes, yes, yes]);
    expect(practice.next()).toBeNull();
    expect(practice.counts()).toEqual({ entries: 4, waited: 3, arrived: 3, lost: 0, twice: 0 });
  });

  test("ask for obs that the base has: those that only the tablet has are not enough", () => {
    const practice = crew();
    practice.obs();
    Object.assign(practice.held[0]!, { state: waiting, lines: 0 });
    const behind = observe(nothingSeen, {
      record: fold([practice.held[0]!.entry]),
      states: new Map([[practice.held[0]!.entry.id, waiting]]),
      atBase: new Map(),
      plug: "in",
      link: "online",
    });
    expect(behind.logged).toBe(false);
  });

  test("count nothing that was written with the plug in as written without a base", () => {
    const practice = crew();
    practice.obs();
    practice.drug();
    practice.handover({ receiverName: "Nurse Demo" });
    practice.pull();
    expect(practice.done()).toEqual([yes, yes, no, no, no]);
  });

  test("do not take a handover without a name for one", () => {
    const practice = crew();
    practice.obs();
    practice.pull();
    practice.obs();
    practice.drug();
    practice.handover({ comment: "nobody was there" });
    expect(practice.done()).toEqual([yes, yes, yes, no, no]);
  });

  test("say so when the plug was put back too early", () => {
    const practice = crew();
    practice.obs();
    practice.pull();
    practice.obs();
    practice.putBack();
    expect(practice.next()).toMatchObject({ number: 3, words: "The plug is in: pull it again first" });
    practice.pull();
    practice.drug();
    practice.handover({ receiverName: "Nurse Demo" });
    practice.putBack();
    expect(practice.next()).toBeNull();
  });

  test("are not done while an entry is lost, or is there twice", () => {
    const practice = crew();
    practice.obs();
    practice.pull();
    practice.obs();
    practice.drug();
    practice.handover({ receiverName: "Nurse Demo" });
    const lost = practice.held[2]!;
    practice.putBack([lost.entry.id]);
    expect(practice.next()).toMatchObject({ number: 5, words: "Every entry is at the base" });
    expect(practice.counts()).toMatchObject({ waited: 3, arrived: 2, lost: 1 });
    Object.assign(lost, { state: acknowledged, lines: 2 });
    practice.sees();
    expect(practice.next()).toMatchObject({ number: 5, words: "None is there twice" });
    expect(practice.counts()).toMatchObject({ arrived: 3, lost: 0, twice: 1 });
    lost.lines = 1;
    expect(practice.next()).toBeNull();
  });
});

test("the time is said in minutes and seconds", () => {
  expect([0, 9_900, 61_000, 605_000].map(tookWords)).toEqual(["0:00", "0:09", "1:01", "10:05"]);
});

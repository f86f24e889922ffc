import { describe, expect, test } from "vitest";
import type { Arrival } from "#domain/handover/arrival.ts";
import {
  boardRows,
  etaWords,
  goneShownMs,
  handedOverShownMs,
  isStale,
  marksPassed,
  noteGone,
  placesTaken,
  readingGroups,
} from "./board-rows.ts";

const now = Date.parse("2026-11-22T14:33:00.000Z");
const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString();

const invented = (callSign: string, part: Partial<Arrival> = {}): Arrival => ({
  recordId: `00000000-0000-7000-8000-0000000${callSign.slice(1)}00`,
  siteId: "southgate",
  state: "coming",
  callSign,
  concern: "Invented",
  detail: "",
  ageSex: "72 F",
  news2: null,
  trend: [],
  eta: at(10),
  arrivedAt: null,
  handedOverAt: null,
  acceptedBy: null,
  place: null,
  readings: [],
  readingsAt: null,
  changedSinceAcceptance: 0,
  allergy: null,
  heads: {},
  demonstration: true,
  ...part,
});
const none = new Map<string, number>();
const callSigns = (rows: { arrival: Arrival }[]) => rows.map((row) => row.arrival.callSign);

describe("one board of several trusts", () => {
  test("coming is by ETA over all trusts, and no ETA comes last", () => {
    const rows = boardRows(
      [
        { trust: "northmoor", arrivals: [invented("M301", { eta: at(20) }), invented("M302", { eta: null })] },
        { trust: "westvale", arrivals: [invented("W201", { eta: at(5), state: "pre-alerted" })] },
      ],
      none,
      now,
    );
    expect(callSigns(rows.coming)).toEqual(["W201", "M301", "M302"]);
  });

  test("here is by the longest wait", () => {
    const arrivals = [
      invented("M301", { state: "arrived", arrivedAt: at(-4) }),
      invented("M302", { state: "arrived", arrivedAt: at(-47) }),
    ];
    expect(callSigns(boardRows([{ trust: "northmoor", arrivals }], none, now).here)).toEqual(["M302", "M301"]);
  });

  test("the same record id at two trusts is two rows", () => {
    const boards = ["northmoor", "westvale"].map((trust) => ({ trust, arrivals: [invented("M301")] }));
    const { coming } = boardRows(boards, none, now);
    expect(new Set(coming.map((row) => row.key)).size).toBe(2);
  });

  test("handed over goes after four hours, unless it changed and nobody has seen that", () => {
    const handedOverAt = new Date(now - handedOverShownMs - 1000).toISOString();
    const arrivals = [
      invented("M301", { state: "handed-over", eta: null, handedOverAt }),
      invented("M302", { state: "handed-over", eta: null, handedOverAt, changedSinceAcceptance: 1 }),
      invented("M303", { state: "handed-over", eta: null, handedOverAt: at(-10) }),
    ];
    const rows = boardRows([{ trust: "northmoor", arrivals }], none, now);
    expect(callSigns(rows["handed-over"])).toEqual(["M303", "M302"]);
  });

  test("accepted on the way stays with those coming until its ETA has passed", () => {
    const accepted = { state: "handed-over", handedOverAt: at(-1), acceptedBy: "Dr Demo" } as const;
    const boards = [{ trust: "northmoor", arrivals: [invented("M301", { ...accepted, eta: at(10) })] }];
    expect(callSigns(boardRows(boards, none, now).coming)).toEqual(["M301"]);
    expect(callSigns(boardRows(boards, none, now + 11 * 60_000)["handed-over"])).toEqual(["M301"]);
  });

  test("diverted and stood down are shown for five minutes after this screen saw it", () => {
    const boards = [{ trust: "northmoor", arrivals: [invented("M301", { state: "diverted" })] }];
    const seen = noteGone(boards, none, now);
    expect(boardRows(boards, seen, now + goneShownMs).gone).toHaveLength(1);
    expect(boardRows(boards, seen, now + goneShownMs + 1).gone).toHaveLength(0);
    expect(noteGone(boards, seen, now + 60_000)).toEqual(seen);
    expect(noteGone([], seen, now)).toEqual(none);
  });

  test("places in use name the crews they are kept for, and free themselves at handover", () => {
    const place = { place: "Resus 1", area: "resus" as const };
    const arrivals = [
      invented("M301", { place }),
      invented("M302", { place, state: "handed-over", arrivedAt: at(-9), handedOverAt: at(-1) }),
    ];
    expect(placesTaken(boardRows([{ trust: "northmoor", arrivals }], none, now))).toEqual(
      new Map([["Resus 1", ["M301"]]]),
    );
  });
});

describe("times", () => {
  test.each([
    [at(6), "6 min", false],
    [at(5.1), "6 min", false],
    [at(0), "due now", false],
    [at(-2.5), "due now", false],
    [at(-7), "7 min late", true],
    [null, "no ETA", false],
  ])("ETA %s reads %s", (eta, words, overdue) => expect(etaWords(eta, now)).toEqual({ words, overdue }));

  test.each([
    [14, 0],
    [15, 1],
    [30, 2],
    [44, 2],
    [45, 3],
    [300, 3],
  ])("a wait of %i minutes has passed %i marks", (minutes, marks) => expect(marksPassed(minutes)).toBe(marks));

  test("stale is more than 15 minutes", () => {
    expect(isStale(at(-15), now)).toBe(false);
    expect(isStale(at(-15.1), now)).toBe(true);
  });

  test("readings of one minute share an age, an older one keeps its own", () => {
    const groups = readingGroups([
      { label: "glucose", text: "6.4 mmol/L", at: at(-22) },
      { label: "HR", text: "108", at: at(-4) },
      { label: "BP", text: "102/64", at: at(-4) },
    ]);
    expect(groups.map((group) => [group.at, group.readings.map((reading) => reading.label)])).toEqual([
      [at(-4), ["HR", "BP"]],
      [at(-22), ["glucose"]],
    ]);
  });
});

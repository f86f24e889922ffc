import { expect, test } from "vitest";
import type { Entry } from "#domain/entry/entry.ts";
import type { Arrival } from "#domain/handover/arrival.ts";
import { readBody } from "#domain/kinds.ts";
import type { Replica } from "#sync/replica.ts";
import { readOwnWork, withOwnWork } from "./own-work.ts";

const recordId = "00000000-0000-7000-8000-000000000001";
const screen = "00000000-0000-7000-8000-00000000000a";
const tablet = "00000000-0000-7000-8000-00000000000b";
const clock = "2026-11-22T14:33:00.000Z";
const site = { siteId: "southgate", name: "Southgate ED" };

const written = (deviceId: string, n: number, kind: string, body: Record<string, unknown>): Entry => ({
  id: `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`,
  recordId,
  deviceId,
  n,
  prev: n === 1 ? null : "0".repeat(64),
  kind,
  v: 1,
  salt: "0".repeat(32),
  occurredAt: clock,
  recorded: { clock, timeZone: "Europe/London", serverOffsetMs: null, serverOffsetAgeMs: null },
  author: { userId: "site:screen", name: "Screen", role: "screen", signIn: "device" },
  body,
});
const place = (n: number, name: string) => written(screen, n, "place", { site, place: name, area: "resus" });
const acceptance = (n: number) => written(screen, n, "acceptance", { site, acceptedBy: "Dr Demo", seen: {} });

const row = { recordId, state: "arrived", place: null, acceptedBy: null, handedOverAt: null, heads: {} };
const arrivalWith = (part: object) => ({ ...row, ...part }) as unknown as Arrival;
/** Entries up to `sentN` of the chain are at the base. */
const replicaWith = (entries: Entry[], sentN: number) =>
  ({
    entries: async () =>
      entries.map((entry) => ({
        ...entry,
        text: JSON.stringify(entry),
        state: { at: entry.n <= sentN ? "acknowledged" : "waiting" },
      })),
  }) as unknown as Replica;

test("the newest place and the acceptance show before the base has them", () => {
  const entries = [place(1, "Resus 1"), acceptance(2), place(3, "Resus 2")].map((entry) => readBody(entry)!);
  expect(withOwnWork(arrivalWith({}), { entries, at: "here" })).toMatchObject({
    state: "handed-over",
    acceptedBy: "Dr Demo",
    handedOverAt: clock,
    place: { place: "Resus 2", area: "resus" },
  });
  expect(withOwnWork(arrivalWith({}), undefined)).toEqual(arrivalWith({}));
});

test("only this screen's entries beyond the row's heads count", async () => {
  const receipt = written(screen, 1, "receipt", { what: "displayed", site, seen: {} });
  const note = written(tablet, 9, "note", { text: "x" });
  const replica = replicaWith([acceptance(3), receipt, place(2, "Resus 1"), note], 0);
  const kinds = async (heads: Record<string, number>) =>
    (await readOwnWork(replica, screen, [arrivalWith({ heads })])).get(recordId)?.entries.map((entry) => entry.kind);
  expect(await kinds({})).toEqual(["place", "acceptance"]);
  expect(await kinds({ [screen]: 2 })).toEqual(["acceptance"]);
  expect(await kinds({ [screen]: 3 })).toBeUndefined();
});

test("where what was written here is: on this screen alone, at the standby whatever the row tells, or at the base", async () => {
  const placed = async (states: ("waiting" | "held" | "acknowledged")[], heads: Record<string, number> = {}) => {
    const texts = [place(1, "Resus 1"), acceptance(2)].map((entry) => ({ ...entry, text: JSON.stringify(entry) }));
    const entries = async () => texts.map((entry, at) => ({ ...entry, state: { at: states[at] } }));
    const replica = { entries } as unknown as Replica;
    return (await readOwnWork(replica, screen, [arrivalWith({ heads })])).get(recordId);
  };
  expect((await placed(["acknowledged", "waiting"]))?.at).toBe("here");
  expect((await placed(["held", "waiting"]))?.at).toBe("here");
  expect((await placed(["acknowledged", "held"]))?.at).toBe("standby");
  // The standby's row tells of it, and the base has it no more for that.
  expect(await placed(["held", "held"], { [screen]: 2 })).toEqual({ entries: [], at: "standby" });
  expect((await placed(["acknowledged", "acknowledged"]))?.at).toBe("base");
  expect(await placed(["acknowledged", "acknowledged"], { [screen]: 2 })).toBeUndefined();
});

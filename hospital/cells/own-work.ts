import { type Entry, entry } from "#domain/entry/entry.ts";
import type { Arrival } from "#domain/handover/arrival.ts";
import { type KnownEntry, readBody } from "#domain/kinds.ts";
import type { Replica } from "#sync/replica/types.ts";

/** Entries that this screen wrote and the board's row does not contain yet, oldest first, by record. */
export type OwnWork = ReadonlyMap<string, readonly KnownEntry[]>;

/** What this device wrote of these records beyond the heads that their rows claim. */
export const readOwnWork = async (
  replica: Replica,
  deviceId: string,
  arrivals: readonly Arrival[],
): Promise<OwnWork> => {
  const work = new Map<string, KnownEntry[]>();
  for (const { recordId, heads } of arrivals) {
    const own: Entry[] = [];
    for (const held of await replica.entries(recordId)) {
      if (held.deviceId !== deviceId || held.n <= (heads[deviceId] ?? 0)) continue;
      const parsed = entry.safeParse(JSON.parse(held.text));
      if (parsed.success) own.push(parsed.data);
    }
    const known = own
      .sort((a, b) => a.n - b.n)
      .map(readBody)
      .filter((read) => read?.kind === "acceptance" || read?.kind === "place");
    if (known.length > 0) work.set(recordId, known as KnownEntry[]);
  }
  return work;
};

/** The row as it will be once the base has this screen's entries: who accepts sees it at once, network or none. */
export const withOwnWork = (arrival: Arrival, work: readonly KnownEntry[] | undefined): Arrival => {
  let row = arrival;
  for (const { kind, body, occurredAt } of work ?? []) {
    if (kind === "place") row = { ...row, place: { place: body.place, area: body.area } };
    if (kind === "acceptance")
      row = {
        ...row,
        acceptedBy: body.acceptedBy,
        handedOverAt: row.handedOverAt ?? occurredAt,
        state: "handed-over",
        changedSinceAcceptance: 0,
      };
  }
  return row;
};

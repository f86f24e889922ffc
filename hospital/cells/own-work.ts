import { type Entry, entry } from "#domain/entry/entry.ts";
import type { Arrival } from "#domain/handover/arrival.ts";
import { type KnownEntry, readBody } from "#domain/kinds.ts";
import type { Replica } from "#sync/replica.ts";

/** By record, what this screen wrote and the board's row does not contain yet. */
export type OwnWork = ReadonlyMap<string, OwnEntries>;
interface OwnEntries {
  /** Oldest first. */
  entries: readonly KnownEntry[];
  /** At least one of them is not at the base. */
  waiting: boolean;
}

/** What this device wrote of these records beyond the heads that their rows claim. */
export const readOwnWork = async (
  replica: Replica,
  deviceId: string,
  arrivals: readonly Arrival[],
): Promise<OwnWork> => {
  const work = new Map<string, OwnEntries>();
  for (const { recordId, heads } of arrivals) {
    const own: Entry[] = [];
    const waiting = new Set<string>();
    for (const held of await replica.entries(recordId)) {
      if (held.deviceId !== deviceId || held.n <= (heads[deviceId] ?? 0)) continue;
      const parsed = entry.safeParse(JSON.parse(held.text));
      if (parsed.success) own.push(parsed.data);
      if (held.state.at === "waiting") waiting.add(held.id);
    }
    const known = own
      .sort((a, b) => a.n - b.n)
      .map(readBody)
      .filter((read) => read?.kind === "acceptance" || read?.kind === "place");
    const entries = known as KnownEntry[];
    if (entries.length > 0) work.set(recordId, { entries, waiting: entries.some(({ id }) => waiting.has(id)) });
  }
  return work;
};

/** The row as it will be once the base has this screen's entries: who accepts sees it at once, network or none. */
export const withOwnWork = (arrival: Arrival, work: OwnEntries | undefined): Arrival => {
  let row = arrival;
  for (const { kind, body, occurredAt } of work?.entries ?? []) {
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

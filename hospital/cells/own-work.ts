import { entry } from "#domain/entry/entry.ts";
import type { Arrival } from "#domain/handover/arrival.ts";
import { type KnownEntry, readBody } from "#domain/kinds.ts";
import type { Replica } from "#sync/replica.ts";

/** By record, what this screen wrote and the board's row does not contain, or the base does not have, yet. */
export type OwnWork = ReadonlyMap<string, OwnEntries>;
interface OwnEntries {
  /** What the row does not contain; oldest first. */
  entries: readonly KnownEntry[];
  /** How far the one that is least far has come, of all that it wrote. */
  at: OwnPlace;
}

/** Kept on this screen alone, at the standby too, or at the base. */
export type OwnPlace = "here" | "standby" | "base";

/** What this device wrote of these records: beyond the heads that their rows claim, and not yet at the base. */
export const readOwnWork = async (
  replica: Replica,
  deviceId: string,
  arrivals: readonly Arrival[],
): Promise<OwnWork> => {
  const work = new Map<string, OwnEntries>();
  for (const { recordId, heads } of arrivals) {
    const own: KnownEntry[] = [];
    const places = new Set<OwnPlace>();
    for (const { deviceId: author, n, text, state } of await replica.entries(recordId)) {
      const isKnown = n <= (heads[deviceId] ?? 0);
      if (author !== deviceId || (isKnown && state.at !== "held")) continue;
      const read = readOwn(text);
      if (read === null) continue;
      if (!isKnown) own.push(read);
      places.add(state.at === "waiting" ? "here" : state.at === "held" ? "standby" : "base");
    }
    const at = (["here", "standby", "base"] as const).find((place) => places.has(place));
    if (at !== undefined) work.set(recordId, { entries: own.sort((a, b) => a.n - b.n), at });
  }
  return work;
};

/** An acceptance or a place; null for any other entry. */
const readOwn = (text: string): KnownEntry | null => {
  const parsed = entry.safeParse(JSON.parse(text)).data;
  const read = parsed === undefined ? null : readBody(parsed);
  return read?.kind === "acceptance" || read?.kind === "place" ? read : null;
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

import type { HeldEntry } from "../store.ts";
import { waitIfCarriable } from "./refill.ts";
import type { Session } from "./session.ts";

/** An entry that came by another way than the base, with its author's signature where it is a chain's head. */
export interface CarriedEntry {
  id: string;
  deviceId: string;
  n: number;
  hash: string;
  text: string;
  signature?: string;
}

/** What was carried says something else in a place of a chain that this device holds. Nothing of it was kept. */
export class CarriedContradicts extends Error {
  constructor() {
    super("What came contradicts what this device holds.");
    this.name = "CarriedContradicts";
  }
}

/**
 * Keeps what others wrote and this device was handed, to be pushed as they signed it. What it holds already stays as it stands, but
 * for a signature that it lacked; what a base in a new life asked for waits once such a signature covers it. Resolves to the number of entries that are new here, once they are durable.
 */
export const carry = async (session: Session, recordId: string, carried: readonly CarriedEntry[]): Promise<number> => {
  const held = await session.store.entriesOf(recordId);
  const byId = new Map(held.map((entry) => [entry.id, entry]));
  const byPlace = new Map(held.map((entry) => [`${entry.deviceId} ${entry.n}`, entry]));
  const fresh: HeldEntry[] = [];
  const signed: HeldEntry[] = [];
  for (const entry of carried) {
    const { id, deviceId, n, hash, text, signature } = entry;
    if (!(await session.texts.isSound(entry))) throw new CarriedContradicts();
    const known = byId.get(id) ?? byPlace.get(`${deviceId} ${n}`);
    if (known !== undefined && (known.hash !== hash || known.id !== id)) {
      session.found({ code: "id-reused", recordId, id });
      throw new CarriedContradicts();
    }
    if (known === undefined) {
      const state = { at: "waiting" } as const;
      fresh.push({ id, recordId, deviceId, n, hash, text, lane: "P0", state, ...(signature && { signature }) });
    } else if (known.signature === undefined && signature !== undefined) signed.push({ ...known, signature });
  }
  const records = await session.store.records();
  const cursor = records.find((record) => record.recordId === recordId)?.cursor;
  const start = { epoch: Math.max(0, session.epochSeen()), position: 0 };
  await session.store.file(recordId, [...fresh, ...signed], cursor ?? start);
  const now = new Map([...held, ...fresh, ...signed].map((entry) => [entry.id, entry]));
  await waitIfCarriable(session, [...now.values()]);
  if (fresh.length > 0) session.tell({ type: "entries", recordId });
  return fresh.length;
};

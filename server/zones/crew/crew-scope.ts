import type pg from "pg";
import type { Relation } from "#defence/access/words.ts";
import type { Entry } from "#domain/entry/entry.ts";
import type { Principal } from "../../identity/identity.ts";
import type { RecordReader } from "../../logs/record-reader.ts";
import { uuids } from "../../postgres/binary-array.ts";

/** So long after its last line a record is still the crew's own, hours: docs/decisions/0013-a-crew-reads-its-own-shift.md. */
const shiftHours = 24;
/** An answer of the database is good for so long: a tablet asks about its few records every few seconds. */
const rememberedMs = 60_000;
const rememberedMax = 50_000;
/** A crew names itself at the beginning of a record. */
const linesRead = 100;

/** How a tablet, and the person on it, stand to records. */
export interface CrewScope {
  /** `none` for a record that nobody has. */
  relations(principal: Principal, recordIds: readonly string[]): Promise<ReadonlyMap<string, Relation>>;
  /** The device brought these in, perhaps for another: it is part of their shift. */
  carried(deviceId: string, recordIds: readonly string[]): void;
}

export const createCrewScope = (pool: () => pg.Pool, reader: () => RecordReader): CrewScope => {
  const own = createMemory(rememberedMs);
  const carried = createMemory(shiftHours * 3_600_000);

  const wrote = async ({ person }: Principal, recordId: string): Promise<boolean> => {
    if (person === undefined) return false;
    const lines = await reader().lines([{ recordId, after: 0 }], linesRead);
    return lines.some(({ text }) => text !== null && names(JSON.parse(text) as Entry, person.userId));
  };

  return {
    carried: (deviceId, recordIds) => {
      for (const recordId of recordIds) carried.remember(`${deviceId} ${recordId}`, "own-shift");
    },
    relations: async (principal, recordIds) => {
      const about = (recordId: string) => `${principal.deviceId} ${principal.person?.userId ?? ""} ${recordId}`;
      const found = new Map<string, Relation>();
      const unknown: string[] = [];
      for (const recordId of recordIds) {
        const known = own.recall(about(recordId));
        found.set(recordId, known ?? "none");
        if (known === undefined) unknown.push(recordId);
      }
      if (unknown.length === 0) return found;
      const { rows } = await pool().query<{ record_id: string; recent: boolean; author: boolean }>({
        name: "crew-relations",
        // A quarantined line has no n: what nobody proved to have written makes nobody an author.
        text: `SELECT h.record_id, h.last_received > now() - interval '${shiftHours} hours' AS recent,
            EXISTS (SELECT FROM care_line c
                    WHERE c.record_id = h.record_id AND c.device_id = $2::uuid AND c.n IS NOT NULL) AS author
          FROM record_head h WHERE h.record_id = ANY ($1::uuid[])`,
        values: [uuids(unknown), principal.deviceId],
      });
      for (const { record_id: recordId, recent, author } of rows) {
        const isCarried = carried.recall(`${principal.deviceId} ${recordId}`) !== undefined;
        const isShift = recent && !author && (isCarried || (await wrote(principal, recordId)));
        const relation = recent && author ? "own-crew" : isShift ? "own-shift" : "own-trust";
        found.set(recordId, relation);
        // What the tablet writes in a moment makes it the crew's: only what stays is remembered.
        if (relation !== "own-trust") own.remember(about(recordId), relation);
      }
      return found;
    },
  };
};

/** Whether a person wrote this entry, or is named by it as one of the crew. */
const names = (entry: Entry, userId: string): boolean => {
  if (entry.author.userId === userId) return true;
  const { crew } = entry.body as { crew?: unknown };
  return Array.isArray(crew) && crew.some((member) => (member as { userId?: unknown } | null)?.userId === userId);
};

/** What was found out lately; oldest out first. */
const createMemory = (keepMs: number) => {
  const held = new Map<string, { relation: Relation; untilMs: number }>();
  return {
    remember: (key: string, relation: Relation): void => {
      held.delete(key);
      if (held.size >= rememberedMax) held.delete(held.keys().next().value!);
      held.set(key, { relation, untilMs: Date.now() + keepMs });
    },
    recall: (key: string): Relation | undefined => {
      const known = held.get(key);
      return known !== undefined && known.untilMs > Date.now() ? known.relation : undefined;
    },
  };
};

import type pg from "pg";
import type { Relation } from "#defence/access/words.ts";
import type { Entry } from "#domain/entry/entry.ts";
import type { ChainRun } from "#protocol/push.ts";
import type { Principal } from "../../identity/identity.ts";
import type { RestrictedRecords } from "../../identity/restricted-records.ts";
import type { RecordReader } from "../../logs/record-reader.ts";
import { uuids } from "../../postgres/binary-array.ts";
import type { CellZone } from "../../trusts.ts";
import { crewOfRecord, type ReadAt } from "./record-crew.ts";

/** So long after its last line a record is still the crew's own, hours: docs/decisions/0013-a-crew-reads-its-own-shift.md. */
const shiftHours = 24;
/** So long a crew that joined a stranger's record goes on for the reason it gave, hours: the longest shift, as on the tablet. */
const joinedHours = 15;
/** An answer of the database is good for so long: a tablet asks about its few records every few seconds. */
const rememberedMs = 60_000;
const rememberedMax = 50_000;
/** A crew names itself at the beginning of a record. */
const linesRead = 100;

/** How a tablet, and the person on it, stand to records. */
export interface CrewScope {
  /** `none` for a record that nobody has. */
  relations(principal: Principal, recordIds: readonly string[]): Promise<ReadonlyMap<string, Relation>>;
  /** The device brought in what these devices wrote: if it is their record's crew's, it is part of this one's shift. */
  carried(deviceId: string, runs: readonly Pick<ChainRun, "recordId" | "deviceId">[]): void;
}

interface Parts {
  /** Of the crew zone's role. */
  pool: () => pg.Pool;
  reader: () => RecordReader;
  /** Where a device was enrolled; undefined for one that nobody knows. */
  zoneOf(deviceId: string): Promise<CellZone | undefined>;
  restricted: RestrictedRecords;
}

interface ScopeRow {
  record_id: string;
  recent: boolean;
  /** The device has an accepted entry in it. */
  author: boolean;
  first_device: string | null;
}
interface ReadRow {
  device_id: string;
  user_id: string;
  by_glass: boolean;
  this_shift: boolean;
}

export const createCrewScope = ({ pool, reader, zoneOf, restricted }: Parts): CrewScope => {
  const own = createMemory<Relation>(rememberedMs);
  const carried = createMemory<readonly string[]>(shiftHours * 3_600_000);

  const readsOf = async (recordId: string): Promise<ReadRow[]> => {
    const { rows } = await pool().query<ReadRow>({
      name: "crew-reads",
      text: `SELECT device_id, user_id, by_glass, last_received > now() - interval '${joinedHours} hours' AS this_shift
        FROM readers_of_record($1)`,
      values: [recordId],
    });
    return rows;
  };

  /** Of a record whose first line is another device's. */
  const lookedInto = async (
    { deviceId, person }: Principal,
    recordId: string,
    isAuthor: boolean,
  ): Promise<Relation> => {
    const [lines, held, reads] = await Promise.all([
      reader().lines([{ recordId, after: 0 }], linesRead),
      reader().held([recordId]),
      readsOf(recordId),
    ]);
    const entries = [...lines, ...held]
      .slice(0, linesRead)
      .flatMap(({ text }) => (text === null ? [] : [JSON.parse(text) as Entry]));
    const usual = reads.filter(({ by_glass }) => !by_glass).map(asReadAt);
    const crew = crewOfRecord(await begunOn(entries), entries, usual);
    if (isAuthor && crew.devices.has(deviceId)) return "own-crew";
    const brought = carried.recall(`${deviceId} ${recordId}`);
    if (brought?.some((each) => crew.devices.has(each))) return "own-shift";
    if (person === undefined) return "own-trust";
    if (crew.people.has(person.userId)) return "own-shift";
    // Who writes into a stranger's record has joined it for the reason that opened it, and without one has not. A restricted
    // one asks for the reason each time.
    if (!isAuthor || restricted.has(recordId)) return "own-trust";
    const isHere = (row: ReadRow) => row.device_id === deviceId && row.user_id === person.userId;
    return reads.some((row) => row.by_glass && row.this_shift && isHere(row)) ? "own-shift" : "own-trust";
  };

  /** After a restore a hospital's screen may be back before the tablet that it answered. */
  const begunOn = async (entries: readonly Entry[]): Promise<string | undefined> => {
    for (const deviceId of new Set(entries.map((entry) => entry.deviceId)))
      if ((await zoneOf(deviceId)) === "crew") return deviceId;
    return undefined;
  };

  return {
    carried: (deviceId, runs) => {
      for (const run of runs) {
        // What it wrote itself it brings in for nobody.
        if (run.deviceId === deviceId) continue;
        const key = `${deviceId} ${run.recordId}`;
        carried.remember(key, [...new Set([...(carried.recall(key) ?? []), run.deviceId])]);
      }
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
      const { rows } = await pool().query<ScopeRow>({
        name: "crew-relations",
        // A quarantined line has no n: what nobody proved to have written makes nobody an author. Held lines are a standby's.
        text: `SELECT h.record_id, h.last_received > now() - interval '${shiftHours} hours' AS recent,
            EXISTS (SELECT FROM care_line c
                    WHERE c.record_id = h.record_id AND c.device_id = $2::uuid AND c.n IS NOT NULL)
              OR EXISTS (SELECT FROM held_line l
                    WHERE l.record_id = h.record_id AND l.device_id = $2::uuid AND l.n IS NOT NULL) AS author,
            coalesce(
              (SELECT c.device_id FROM care_line c WHERE c.record_id = h.record_id AND c.n IS NOT NULL
               ORDER BY c.position LIMIT 1),
              (SELECT l.device_id FROM held_line l WHERE l.record_id = h.record_id AND l.n IS NOT NULL
               ORDER BY l.held LIMIT 1)) AS first_device
          FROM record_head h WHERE h.record_id = ANY ($1::uuid[])`,
        values: [uuids(unknown), principal.deviceId],
      });
      for (const { record_id: recordId, recent, author, first_device } of rows) {
        const relation = !recent
          ? "own-trust"
          : first_device === principal.deviceId
            ? "own-crew"
            : await lookedInto(principal, recordId, author);
        found.set(recordId, relation);
        // What the tablet writes in a moment makes it the crew's: only what stays is remembered.
        if (relation !== "own-trust") own.remember(about(recordId), relation);
      }
      return found;
    },
  };
};

const asReadAt = ({ device_id, user_id }: ReadRow): ReadAt => ({ deviceId: device_id, userId: user_id });

/** What was found out lately; oldest out first. */
const createMemory = <T>(keepMs: number) => {
  const held = new Map<string, { value: T; untilMs: number }>();
  return {
    remember: (key: string, value: T): void => {
      held.delete(key);
      if (held.size >= rememberedMax) held.delete(held.keys().next().value!);
      held.set(key, { value, untilMs: Date.now() + keepMs });
    },
    recall: (key: string): T | undefined => {
      const known = held.get(key);
      return known !== undefined && known.untilMs > Date.now() ? known.value : undefined;
    },
  };
};

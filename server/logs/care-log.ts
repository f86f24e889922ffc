import type pg from "pg";
import type { AppendOutcome, LogStore, NewLine, RecordHeads } from "#sync/store.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { appendParameters, type LineToStore, lineToStore, type TouchedRecord } from "./append-parameters.ts";
import { readCareLines } from "./care-lines.ts";
import { advanced, blankRecord, type CachedRecord, endedRecord, namesSite, RecordCache } from "./record-cache.ts";

/** Where lines of one commit came to stand. */
export interface Committed {
  epoch: number;
  firstPosition: number;
  /** Since 1970. */
  receivedMs: number;
}

export interface CareLogParts {
  /** Connections of holdfast_ingest. */
  pool: pg.Pool;
  keyRing: KeyRing;
  onProjectionFailure(error: unknown): void;
  /** Told of what was stored, where somebody seals it, and when it may not be so any more. */
  recentLines?: { put(at: Committed, lines: readonly LineToStore[]): void; clear(): void } | undefined;
  /** See RecordCache. */
  cacheWeightMax?: number;
}

const appendSql = `SELECT outcome, at_epoch, first_position, at_ms, ids FROM append_care(
  $1::uuid[], $2::bigint[], $3::bigint[], $4::uuid[], $5::bytea[],
  $6::uuid[], $7::uuid[], $8::int[], $9::uuid[], $10::bytea[], $11::text[], $12::text[], $13::bytea[],
  $14::uuid[], $15::text[], $16::int[], $17::bigint[], $18::bigint[], $19::text[], $20::bytea[],
  $21::uuid[], $22::uuid[], $23::bytea[],
  $24::uuid[], $25::uuid[], $26::uuid[], $27::int[], $28::int[],
  $29::text[], $30::text[])`;

interface AppendRow {
  outcome: "committed" | "stale";
  at_epoch: number;
  first_position: string;
  /** Of the lines' `received`, since 1970. */
  at_ms: string;
  ids: string[] | null;
}

const uniqueViolation = "23505";

export interface CareLog extends LogStore {
  /** Drops what is remembered of one record, or of all. */
  forget(recordId?: string): void;
}

/** The care log on PostgreSQL. Several may append to one database, in one process or many: the row lock orders them. */
export const createCareLog = (parts: CareLogParts): CareLog => {
  const { pool, keyRing } = parts;
  const cache = new RecordCache(parts.cacheWeightMax ?? 400_000);

  /** As committed now, with their entries. Records without lines are blank. */
  const load = async (recordIds: readonly string[]): Promise<Map<string, CachedRecord>> => {
    const loaded = new Map<string, CachedRecord>(recordIds.map((id) => [id, blankRecord()]));
    if (recordIds.length === 0) return loaded;
    for (const [recordId, { disposed, ended, lines }] of await readCareLines(pool, keyRing, recordIds)) {
      const { key, position: lastPosition = 0 } = lines.at(-1) ?? {};
      const asNew = lines.map((line) => ({ ...line, recordId, signature: undefined }));
      const start = disposed ? endedRecord(ended) : blankRecord();
      loaded.set(recordId, { ...advanced({ ...start, key }, asNew), lastPosition });
    }
    for (const [recordId, record] of loaded) cache.put(recordId, record);
    return loaded;
  };

  const heads = async (recordIds: readonly string[]): Promise<Map<string, RecordHeads>> => {
    const found = new Map<string, RecordHeads>();
    const missing: string[] = [];
    for (const recordId of new Set(recordIds)) {
      const known = cache.get(recordId);
      if (known) found.set(recordId, known);
      else missing.push(recordId);
    }
    for (const [recordId, record] of await load(missing)) found.set(recordId, record);
    return found;
  };

  /** The record as it was at `expected`, with entries if a projection will need them; undefined if it moved on. */
  const before = async (
    recordId: string,
    expected: number,
    lines: readonly NewLine[],
  ): Promise<CachedRecord | undefined> => {
    const willFold = (record: CachedRecord) =>
      !record.disposed && (record.namesSite || lines.some((line) => line.entry !== null && namesSite(line.entry)));
    const known = cache.get(recordId);
    if (expected === 0) {
      const record = known ?? (await load([recordId])).get(recordId)!;
      if (record.lastPosition !== 0) return undefined;
      return record.disposed ? record : blankRecord();
    }
    if (known?.lastPosition === expected && (known.entries !== null || !willFold(known))) return known;
    const record = (await load([recordId])).get(recordId);
    return record?.lastPosition === expected ? record : undefined;
  };

  const append = async (
    lines: readonly NewLine[],
    expectedLastPosition: ReadonlyMap<string, number>,
  ): Promise<AppendOutcome> => {
    const touched = new Map<string, TouchedRecord>();
    const stale: string[] = [];
    for (const [recordId, added] of Map.groupBy(lines, (line) => line.recordId)) {
      const expected = expectedLastPosition.get(recordId) ?? 0;
      const was = await before(recordId, expected, added);
      if (was === undefined) {
        stale.push(recordId);
        continue;
      }
      const key = was.key ?? keyRing.newRecordKey(recordId);
      const after = { ...advanced(was, added), key };
      const newKey = was.key === undefined ? key.wrapped : null;
      touched.set(recordId, { recordId, expected, before: was, after, lines: added, newKey });
    }
    if (stale.length > 0) return { outcome: "stale", recordIds: stale };

    const toStore = lines.map(lineToStore);
    const values = appendParameters(lines, toStore, touched, keyRing, parts.onProjectionFailure);
    let row: AppendRow | undefined;
    try {
      const answer = await pool.query<AppendRow>({ name: "append-care", text: appendSql, values });
      row = answer.rows[0];
    } catch (error) {
      if ((error as { code?: unknown }).code === uniqueViolation) return takenAmong(lines);
      // It may have committed, if the connection broke after: what is remembered is then wrong.
      for (const recordId of touched.keys()) cache.drop(recordId);
      throw error;
    }
    if (row === undefined) throw new Error("append_care answered nothing.");
    return conclude(row, toStore, touched);
  };

  const conclude = (
    row: AppendRow,
    lines: readonly LineToStore[],
    touched: ReadonlyMap<string, TouchedRecord>,
  ): AppendOutcome => {
    if (row.outcome === "committed") {
      const firstPosition = Number(row.first_position);
      const last = new Map(lines.map((line, i) => [line.recordId, firstPosition + i]));
      for (const { recordId, after } of touched.values())
        cache.put(recordId, { ...after, lastPosition: last.get(recordId)! });
      parts.recentLines?.put({ epoch: row.at_epoch, firstPosition, receivedMs: Number(row.at_ms) }, lines);
      return { outcome: "committed", epoch: row.at_epoch, firstPosition };
    }
    const recordIds = row.ids ?? [];
    for (const recordId of recordIds) cache.drop(recordId);
    return { outcome: "stale", recordIds };
  };

  const takenAmong = async (lines: readonly NewLine[]): Promise<AppendOutcome> => {
    const { rows } = await pool.query<{ entry_id: string; hash: Buffer }>({
      name: "taken-ids",
      text: "SELECT entry_id, hash FROM care_line WHERE entry_id = ANY ($1::uuid[])",
      values: [lines.flatMap((line) => (line.quarantine === undefined && line.entry ? [line.entry.id] : []))],
    });
    if (rows.length === 0) throw new Error("A group holds one entry id or chain position twice.");
    return { outcome: "id-taken", stored: new Map(rows.map((row) => [row.entry_id, row.hash.toString("hex")])) };
  };

  return {
    heads,
    append,
    forget: (recordId) => {
      if (recordId === undefined) cache.clear();
      else cache.drop(recordId);
      // All, for a record too: that is rare, and the rest is read.
      parts.recentLines?.clear();
    },
  };
};

import type { KeyObject } from "node:crypto";
import type pg from "pg";
import { byteas, uuids } from "../postgres/binary-array.ts";
import type { KeyRing, RecordKey } from "../sealing/key-ring.ts";

/** The records' keys as lines of care are put back: those that the database has, and new ones. */
export interface CareKeys {
  /** Record id → its key; one that has none yet gets one. */
  of(recordIds: readonly string[]): ReadonlyMap<string, KeyObject>;
  /** Record id → up to which line it was disposed of. */
  ended: ReadonlyMap<string, number>;
  /** Of new keys, those that sealed something, to be stored with it: each once, by whoever is the first to store. */
  used(sealedFor: readonly string[]): { recordId: string; wrapped: Buffer }[];
}

/** Of these records, or of all. `client` is the owner's. */
export const loadCareKeys = async (
  client: pg.ClientBase,
  keyRing: KeyRing,
  recordIds: readonly string[] | null,
): Promise<CareKeys> => {
  const values = [recordIds && uuids(recordIds)];
  const { rows: keys } = await client.query<{ record_id: string; wrapped: Buffer }>(
    "SELECT record_id, wrapped FROM record_key WHERE $1::uuid[] IS NULL OR record_id = ANY ($1)",
    values,
  );
  const { rows: disposed } = await client.query<{ record_id: string; through: string }>(
    "SELECT record_id, through_position AS through FROM disposed_record WHERE $1::uuid[] IS NULL OR record_id = ANY ($1)",
    values,
  );
  /** Wrapped: a restore knows the keys of all its records. */
  const known = new Map(keys.map((row) => [row.record_id, row.wrapped]));
  const made = new Map<string, RecordKey>();
  const keyOf = (recordId: string): RecordKey => {
    const wrapped = known.get(recordId);
    if (wrapped !== undefined) return keyRing.recordKey(recordId, wrapped);
    const key = made.get(recordId) ?? keyRing.newRecordKey(recordId);
    made.set(recordId, key);
    return key;
  };
  return {
    of: (ids) => new Map(ids.map((recordId) => [recordId, keyOf(recordId).key])),
    ended: new Map(disposed.map((row) => [row.record_id, Number(row.through)])),
    used: (sealedFor) => {
      const used = sealedFor.flatMap((recordId) => {
        const wrapped = made.get(recordId)?.wrapped;
        return wrapped === undefined ? [] : [{ recordId, wrapped }];
      });
      for (const { recordId, wrapped } of used) {
        known.set(recordId, wrapped);
        made.delete(recordId);
      }
      return used;
    },
  };
};

/** Stores what `used` gave. */
export const storeKeys = async (
  client: pg.ClientBase,
  used: readonly { recordId: string; wrapped: Buffer }[],
): Promise<void> => {
  await client.query("INSERT INTO record_key SELECT * FROM unnest($1::uuid[], $2::bytea[])", [
    uuids(used.map(({ recordId }) => recordId)),
    byteas(used.map(({ wrapped }) => wrapped)),
  ]);
};

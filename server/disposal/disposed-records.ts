import type pg from "pg";
import type { PokeBus } from "../live/poke-bus.ts";

/**
 * The records that have ended. Two people decide about each, so all their ids are held in memory. A process that has not heard
 * of one yet finds neither its key nor its row, and shows nothing either.
 */
export interface DisposedRecords {
  has(recordId: string): boolean;
  /** Resolves once this process knows how the record is now. */
  refresh(recordId: string): Promise<void>;
}

/** `pool`: of the identity role. `forget`: drops what else this process remembers of a record. */
export const openDisposedRecords = async (
  pool: pg.Pool,
  bus: PokeBus,
  forget: (recordId: string) => void,
): Promise<DisposedRecords> => {
  const disposed = new Set<string>();
  const load = async (): Promise<void> => {
    const { rows } = await pool.query<{ record_id: string }>("SELECT record_id FROM disposed_record");
    for (const { record_id: recordId } of rows) {
      if (!disposed.has(recordId)) forget(recordId);
      disposed.add(recordId);
    }
  };
  const refresh = async (recordId: string): Promise<void> => {
    forget(recordId);
    const text = "SELECT FROM disposed_record WHERE record_id::text = $1";
    if ((await pool.query({ name: "disposed-record", text, values: [recordId] })).rowCount === 1)
      disposed.add(recordId);
  };
  bus.on("subject", (kind, id) => {
    if (kind === "record") void refresh(id).catch(() => {});
  });
  bus.on("found", () => void load().catch(() => {}));
  await load();
  return { has: (recordId) => disposed.has(recordId), refresh };
};

import type pg from "pg";
import { readHeldLines } from "../logs/held-lines.ts";
import { uuids } from "../postgres/binary-array.ts";
import { joinedPage, type ProjectedPage, type ProjectPage, projectStored } from "../projection/projected-page.ts";
import type { KeptLines } from "./kept-lines.ts";

/**
 * Projects records from the lines that were kept, by `project`. Those that are not kept, that were disposed of or have lines that a
 * standby holds are projected as they are stored.
 */
export const projectKept =
  (kept: KeptLines, project: (records: readonly (readonly Buffer[])[]) => Promise<ProjectedPage>): ProjectPage =>
  async (client, keyRing, recordIds) => {
    const held = await readHeldLines(client, keyRing, recordIds);
    const disposed = await disposedAmong(client, recordIds);
    const records: Buffer[][] = [];
    const others: string[] = [];
    for (const recordId of recordIds) {
      const ofRecord = kept.take(recordId);
      if (ofRecord === undefined || held.has(recordId) || disposed.has(recordId)) others.push(recordId);
      else records.push(ofRecord);
    }
    const pages = await Promise.all([
      project(records),
      ...(others.length > 0 ? [projectStored(client, keyRing, others)] : []),
    ]);
    return pages.reduce(joinedPage);
  };

const disposedAmong = async (
  client: Pick<pg.ClientBase, "query">,
  recordIds: readonly string[],
): Promise<ReadonlySet<string>> => {
  const { rows } = await client.query<{ record_id: string }>({
    name: "disposed-among",
    text: "SELECT record_id FROM disposed_record WHERE record_id = ANY ($1::uuid[])",
    values: [uuids(recordIds)],
  });
  return new Set(rows.map((row) => row.record_id));
};

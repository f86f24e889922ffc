import type pg from "pg";
import type { LinesToProject } from "../projection/project-records.ts";
import { missingOf, type RestoredBlobs } from "./blobs.ts";

/** What a restore's proof counts of the care log. */
export interface EntryCounts {
  /** Lines by kind of entry. */
  byKind: Record<string, number>;
  /** Lines by the day they were received, in UTC. */
  byDay: Record<string, number>;
  missing: RestoredBlobs["missing"];
}

/** Counts records as they are shown; the blobs that they refer to are in the database already. */
export const countEntries = (client: pg.Client) => {
  const byKind: Record<string, number> = {};
  const missing: RestoredBlobs["missing"] = [];
  const count = (kind: string): void => {
    byKind[kind] = (byKind[kind] ?? 0) + 1;
  };
  return {
    add: async (records: ReadonlyMap<string, LinesToProject>): Promise<void> => {
      const refs: RestoredBlobs["missing"] = [];
      for (const [recordId, { ended, lines }] of records) {
        for (const { n } of ended) count(n === null ? "quarantined" : "disposed of");
        for (const { entry } of lines) {
          count(entry?.kind ?? "quarantined");
          for (const { sha256 } of entry?.blobs ?? []) refs.push({ recordId, sha256 });
        }
      }
      if (refs.length > 0) missing.push(...(await missingOf(client, refs)));
    },
    end: async (): Promise<EntryCounts> => {
      const { rows } = await client.query<{ day: string; lines: string }>(
        "SELECT to_char(received AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, count(*) AS lines FROM care_line GROUP BY 1 ORDER BY 1",
      );
      return { byKind, byDay: Object.fromEntries(rows.map(({ day, lines }) => [day, Number(lines)])), missing };
    },
  };
};

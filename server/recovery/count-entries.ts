import type pg from "pg";
import { type ProjectedPage, summed } from "../projection/projected-page.ts";
import { missingOf, type RestoredBlobs } from "./blobs.ts";

/** What a restore's proof counts of the care log. */
export interface EntryCounts {
  /** Lines by kind of entry. */
  byKind: Record<string, number>;
  /** Lines by the day they were received, in UTC. */
  byDay: Record<string, number>;
  missing: RestoredBlobs["missing"];
}

/** Counts pages of records as they are shown; the blobs that they refer to are in the database already. */
export const countEntries = (client: Pick<pg.ClientBase, "query">) => {
  let byKind: EntryCounts["byKind"] = {};
  const missing: RestoredBlobs["missing"] = [];
  // The log is whole: its days are counted while its records are projected.
  const days = client.query<{ day: string; lines: string }>(
    "SELECT to_char(received AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, count(*) AS lines FROM care_line GROUP BY 1 ORDER BY 1",
  );
  days.catch(() => {});
  return {
    add: async ({ kinds, blobs }: ProjectedPage): Promise<void> => {
      byKind = summed(byKind, kinds);
      if (blobs.length > 0) missing.push(...(await missingOf(client, blobs)));
    },
    end: async (): Promise<EntryCounts> => {
      const { rows } = await days;
      return { byKind, byDay: Object.fromEntries(rows.map(({ day, lines }) => [day, Number(lines)])), missing };
    },
  };
};

import type pg from "pg";
import type { ProvedLog } from "#protocol/control/proof.ts";
import { problemsMax, recordsMax } from "./verify-log.ts";
import type { YoungLines } from "./young-lines.ts";

interface ClaimRow {
  device_id: string;
  record_id: string;
  n: number;
  hash: Buffer;
  signature: string;
  stored: Buffer | null;
}

const claimsMax = 10_000;

/**
 * Adds what devices have told of and the log does not hold: the ends of chains that they signed, from heartbeats. They find what no head
 * reaches yet, or what was removed together with every head. A claim waits for `graceMs`, since an entry may be on its way.
 */
export const addClaims = async (
  client: Pick<pg.ClientBase, "query">,
  young: Pick<YoungLines, "isSigned" | "end">,
  care: ProvedLog,
  graceMs: number,
): Promise<void> => {
  const { rows } = await client.query<ClaimRow>(
    `SELECT h.device_id, h.record_id, h.n, h.hash, h.signature, c.hash AS stored
     FROM claimed_head h LEFT JOIN care_line c ON c.record_id = h.record_id AND c.device_id = h.device_id AND c.n = h.n
     WHERE h.told <= now() - $1 * interval '1 millisecond'
       AND NOT EXISTS (SELECT FROM care_line a WHERE a.record_id = h.record_id AND a.device_id = h.device_id AND a.hash = h.hash)
     ORDER BY h.record_id LIMIT ${claimsMax}`,
    [graceMs],
  );
  // Of more records than the log's own list holds, one may be counted twice.
  const touched = new Set(care.records);
  for (const { device_id, record_id, n, hash, signature, stored } of rows) {
    const head = { deviceId: device_id, recordId: record_id, n, hash: hash.toString("hex"), signature };
    if (!young.isSigned(head)) continue;
    const { n: last = 0 } = young.end(device_id, record_id) ?? {};
    const words =
      stored === null
        ? `Device ${device_id} signed entry ${n} of record ${record_id}, and its last here is ${last}: it has not come yet, or was removed.`
        : `Device ${device_id} signed entry ${n} of record ${record_id}, and another is here in its place.`;
    const kind = stored === null ? "missing" : "changed";
    if (care.problems.length < problemsMax) care.problems.push({ kind, from: null, to: null, words });
    care.problemCount += 1;
    if (touched.has(record_id)) continue;
    touched.add(record_id);
    if (care.records.length < recordsMax) care.records.push(record_id);
    care.recordCount += 1;
  }
};

import type pg from "pg";
import type { Entry } from "#domain/entry/entry.ts";
import type { ArchivedLine } from "../archive/segment.ts";
import { type EndedLine, readCareLines } from "../logs/care-lines.ts";
import { uuids } from "../postgres/binary-array.ts";
import type { ProjectedLine } from "../projection/insert-rows.ts";
import type { LinesToProject, ReadLines } from "../projection/project-records.ts";
import type { KeptLines } from "./kept-lines.ts";

/** Reads records as `readCareLines` does, but for those whose lines were kept. */
export const readKept =
  (kept: KeptLines): ReadLines =>
  async (client, keyRing, recordIds) => {
    const records = new Map<string, LinesToProject>();
    const through = await endedThrough(client, recordIds);
    for (const recordId of recordIds) {
      const lines = kept.take(recordId);
      if (lines !== undefined) records.set(recordId, asRead(lines, through.get(recordId)));
    }
    const others = recordIds.filter((recordId) => !records.has(recordId));
    if (others.length > 0)
      for (const [recordId, read] of await readCareLines(client, keyRing, others)) records.set(recordId, read);
    return records;
  };

/** Record id → the last line that ended with it. */
const endedThrough = async (
  client: Pick<pg.ClientBase, "query">,
  recordIds: readonly string[],
): Promise<ReadonlyMap<string, number>> => {
  const { rows } = await client.query<{ record_id: string; through: string }>({
    name: "ended-through",
    text: "SELECT record_id, through_position AS through FROM disposed_record WHERE record_id = ANY ($1::uuid[])",
    values: [uuids(recordIds)],
  });
  return new Map(rows.map((row) => [row.record_id, Number(row.through)]));
};

const asRead = (kept: readonly ArchivedLine[], through: number | undefined): LinesToProject => {
  const ended: EndedLine[] = [];
  const lines: ProjectedLine[] = [];
  for (const { position, received, deviceId, hash, n, quarantine, text } of kept) {
    const line = { deviceId: deviceId!, hash };
    if (position <= (through ?? 0)) ended.push({ ...line, n: n ?? null });
    else if (text === null) throw new Error("A line has no bytes, and its record no end.");
    else {
      const entry = quarantine == null ? (JSON.parse(text) as Entry) : null;
      lines.push({
        ...line,
        position,
        received: new Date(received),
        text,
        entry,
        quarantine: quarantine ?? undefined,
      });
    }
  }
  return { disposed: through !== undefined, ended, lines };
};

import type { Entry } from "#domain/entry/entry.ts";
import { linesOf } from "../archive/segment.ts";
import { joinedPage, type ProjectedPage, projectedPage } from "../projection/projected-page.ts";
import type { ProjectedLine } from "../projection/record-rows.ts";

/** What records make of their lines: of each one its runs, as they were sealed. None of them was disposed of. */
export const projectLines = (records: readonly (readonly Buffer[])[]): ProjectedPage =>
  // One record at a time: what was read of the one before is garbage before it is moved about.
  records.map(projectRecord).reduce(joinedPage, projectedPage(new Map()));

const projectRecord = (runs: readonly Buffer[]): ProjectedPage => {
  const lines: ProjectedLine[] = [];
  let recordId = "";
  for (const run of runs)
    for (const line of linesOf(run)) {
      if (line.bytes === null) throw new Error("A line has no bytes, and its record no end.");
      recordId = line.recordId!;
      lines.push({
        position: line.position,
        received: new Date(line.received),
        deviceId: line.deviceId!,
        hash: line.hash,
        // An accepted entry was checked before it was stored.
        entry: line.quarantine == null ? (JSON.parse(line.bytes.toString()) as Entry) : null,
        quarantine: line.quarantine ?? undefined,
      });
    }
  return projectedPage(new Map([[recordId, { disposed: false, ended: [], lines }]]));
};

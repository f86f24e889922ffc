import type pg from "pg";
import type { KeyRing } from "../sealing/key-ring.ts";
import { type LinesToProject, linesToProject } from "./project-records.ts";
import { type RecordRows, rowsOf } from "./record-rows.ts";

/** A page of records projected, and what there is of them, for whoever counts. Plain values, which may come from another thread. */
export interface ProjectedPage {
  rows: RecordRows[];
  records: number;
  lines: number;
  /** Records that were disposed of. */
  disposed: number;
  /** Kind of entry, `quarantined` or `disposed of` → lines. */
  kinds: Record<string, number>;
  /** Blobs that entries refer to. */
  blobs: { recordId: string; sha256: string }[];
}

/** Resolves to what the lines of these records in the log make. */
export type ProjectPage = (
  client: Pick<pg.ClientBase, "query">,
  keyRing: KeyRing,
  recordIds: readonly string[],
) => Promise<ProjectedPage>;

export const projectStored: ProjectPage = async (client, keyRing, recordIds) =>
  projectedPage(await linesToProject(client, keyRing, recordIds));

export const projectedPage = (records: ReadonlyMap<string, LinesToProject>): ProjectedPage => {
  const page: ProjectedPage = {
    rows: rowsOf(records),
    records: records.size,
    lines: 0,
    disposed: 0,
    kinds: {},
    blobs: [],
  };
  const count = (kind: string): void => {
    page.kinds[kind] = (page.kinds[kind] ?? 0) + 1;
  };
  for (const [recordId, { disposed, ended, lines }] of records) {
    page.disposed += disposed ? 1 : 0;
    page.lines += ended.length + lines.length;
    for (const { n } of ended) count(n === null ? "quarantined" : "disposed of");
    for (const { entry } of lines) {
      count(entry?.kind ?? "quarantined");
      for (const { sha256 } of entry?.blobs ?? []) page.blobs.push({ recordId, sha256 });
    }
  }
  return page;
};

/** Both pages as one. */
export const joinedPage = (one: ProjectedPage, other: ProjectedPage): ProjectedPage => ({
  rows: [...one.rows, ...other.rows],
  records: one.records + other.records,
  lines: one.lines + other.lines,
  disposed: one.disposed + other.disposed,
  kinds: summed(one.kinds, other.kinds),
  blobs: [...one.blobs, ...other.blobs],
});

export const summed = (one: Record<string, number>, other: Record<string, number>): Record<string, number> => {
  const sums = { ...one };
  for (const [name, count] of Object.entries(other)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
};

// Bodies are read by compiled schemas, whoever projects.
import "../compiled.ts";
import { type CareLine, chainsOf, entriesOf } from "../logs/care-lines.ts";
import { type Hole, holesOf } from "../logs/holes.ts";
import { type SearchWord, searchWords } from "./search-words.ts";
import { sendsTo, siteRowsOf } from "./site-rows.ts";

/** A line as rows are made of it; one that a standby holds has no key of its record, and position 0. */
export type ProjectedLine = Omit<CareLine, "key" | "text">;

/** A place in the log, 0 for a line that a standby holds, and when that line came. */
export type Place = Pick<CareLine, "position" | "received">;

/** What one site's board shows of a record, before it is sealed. */
export interface BoardRow {
  siteId: string;
  gone: boolean;
  since: Place;
  state: string;
  /** An `Arrival` as JSON. */
  arrival: string;
}

/** What a record's lines make, before it is sealed and blinded: plain values, which may come from another thread. */
export interface RecordRows {
  recordId: string;
  /** Where the record ends: the place of its last line in the log, 0 if none has one, and when the last came. */
  last: Place;
  holes: Hole[];
  words: SearchWord[];
  sites: BoardRow[];
  /** The rows could not be computed; the entries are safe. */
  failed: boolean;
}

/** Of the records that have a line; of one that was disposed of, where it ends and no more. */
export const rowsOf = (
  records: ReadonlyMap<string, { disposed: boolean; lines: readonly ProjectedLine[] }>,
): RecordRows[] => {
  const rows: RecordRows[] = [];
  for (const [recordId, { disposed, lines }] of records) {
    const last = lastOf(lines);
    if (last === undefined) continue;
    const row: RecordRows = { recordId, last, holes: [], words: [], sites: [], failed: false };
    rows.push(disposed ? row : { ...row, holes: holesOf(chainsOf(lines)), ...shownOf(lines) });
  }
  return rows;
};

const lastOf = (lines: readonly ProjectedLine[]): Place | undefined => {
  const received = lines.at(-1)?.received;
  if (received === undefined) return undefined;
  return { received, position: lines.findLast(({ position }) => position > 0)?.position ?? 0 };
};

/** What boards show and searches find, or that it cannot be computed. */
const shownOf = (lines: readonly ProjectedLine[]): Pick<RecordRows, "words" | "sites" | "failed"> => {
  try {
    const entries = entriesOf(lines);
    const sites = siteRowsOf(entries).map(({ siteId, gone, arrival }): BoardRow => {
      const { position, received } = lines.find(({ entry }) => entry !== null && sendsTo(entry, siteId))!;
      return { siteId, gone, since: { position, received }, state: arrival.state, arrival: JSON.stringify(arrival) };
    });
    return { words: searchWords(entries), sites, failed: false };
  } catch {
    return { words: [], sites: [], failed: true };
  }
};

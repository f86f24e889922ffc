import type { ProvenLine } from "#defence/log/line.ts";
import type { NewLine } from "#sync/store.ts";
import { byteas, int4s, int8s, texts, uuids } from "../postgres/binary-array.ts";
import { searchWords } from "../projection/search-words.ts";
import { arrivalAbout, type SiteRow, sendsTo, siteRowsOf } from "../projection/site-rows.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { holesOf } from "./holes.ts";
import { type CachedRecord, changesSearch } from "./record-cache.ts";

/** One record of a group: how it was, how it will be, and its lines of this group. */
export interface TouchedRecord {
  recordId: string;
  expected: number;
  before: CachedRecord;
  after: CachedRecord;
  lines: NewLine[];
  /** Set for a record that begins with this group. */
  newKey: Buffer | null;
}

/** A new line as the table keeps it, but for its place. */
export interface LineToStore extends Omit<ProvenLine, "epoch" | "position" | "received"> {
  recordId: string;
  /** Of one that is not quarantined. */
  entryId?: string;
  /** What its hash is of. */
  bytes: Buffer;
}

export const lineToStore = ({ recordId, deviceId, hash, text, signature, entry, quarantine }: NewLine): LineToStore => {
  const accepted = quarantine === undefined ? entry : null;
  return {
    deviceId,
    hash,
    signature: storable(signature),
    recordId,
    n: accepted?.n ?? null,
    quarantine: quarantine ?? (entry === null ? "unreadable" : null),
    ...(accepted && { entryId: accepted.id }),
    bytes: Buffer.from(text),
  };
};
/** A signature is base64url; what else was sent in its place is not kept, because text cannot hold every character. */
const storable = (signature: string | undefined): string | null =>
  signature !== undefined && /^[\w-]{1,200}$/.test(signature) ? signature : null;

/**
 * The binary arrays of one `append_care` call; `toStore` are the lines as they are kept. A projection that cannot be computed leaves its
 * old row: it is counted by `onProjectionFailure`, and the entries are stored all the same.
 */
export const appendParameters = (
  lines: readonly NewLine[],
  toStore: readonly LineToStore[],
  touched: ReadonlyMap<string, TouchedRecord>,
  keyRing: KeyRing,
  onProjectionFailure: (error: unknown) => void,
): Buffer[] => {
  const records = [...touched.values()];
  const rows: (SiteRow & { recordId: string })[] = [];
  const searched: string[] = [];
  const tokens: { recordId: string; token: Buffer }[] = [];
  for (const { recordId, after, lines: added } of records) {
    if (after.disposed) continue;
    try {
      if (after.namesSite && after.entries !== null)
        for (const row of siteRowsOf(after.entries)) rows.push({ ...row, recordId });
      if (!added.some((line) => line.entry !== null && changesSearch(line.entry))) continue;
      const words = searchWords(after.searchable);
      searched.push(recordId);
      for (const { field, word } of words) tokens.push({ recordId, token: keyRing.blind(field, word) });
    } catch (error) {
      onProjectionFailure(error);
    }
  }
  const holed = records.filter(({ before, after }) => !after.disposed && (before.hasHoles || after.hasHoles));
  const holes = holed.flatMap(({ recordId, after }) => holesOf(after.chains).map((hole) => ({ recordId, ...hole })));

  // Places count from 1 within the group.
  const lastOrds = new Map(lines.map((line, i) => [line.recordId, i + 1]));
  const begun = records.filter(({ newKey }) => newKey !== null);

  return [
    uuids(records.map(({ recordId }) => recordId)),
    int8s(records.map(({ expected }) => expected)),
    int8s(records.map(({ recordId }) => lastOrds.get(recordId)!)),
    uuids(begun.map(({ recordId }) => recordId)),
    byteas(begun.map(({ newKey }) => newKey)),
    uuids(toStore.map(({ recordId }) => recordId)),
    uuids(toStore.map(({ deviceId }) => deviceId)),
    int4s(toStore.map(({ n }) => n ?? null)),
    uuids(toStore.map(({ entryId }) => entryId ?? null)),
    ...sealedLines(toStore, touched),
    uuids(rows.map((row) => row.recordId)),
    texts(rows.map((row) => row.siteId)),
    int4s(rows.map((row) => (row.gone ? 1 : 0))),
    // Where in this group the site is named; used for a site that is new to the record.
    int8s(
      rows.map(
        (row) =>
          1 +
          lines.findIndex(
            (line) => line.recordId === row.recordId && line.entry !== null && sendsTo(line.entry, row.siteId),
          ),
      ),
    ),
    int8s(rows.map((row) => lastOrds.get(row.recordId)!)),
    texts(rows.map((row) => row.arrival.state)),
    byteas(
      rows.map((row) => keyRing.seal("arrival", JSON.stringify(row.arrival), arrivalAbout(row.recordId, row.siteId))),
    ),
    uuids(searched),
    uuids(tokens.map(({ recordId }) => recordId)),
    byteas(tokens.map(({ token }) => token)),
    uuids(holed.map(({ recordId }) => recordId)),
    uuids(holes.map(({ recordId }) => recordId)),
    uuids(holes.map(({ deviceId }) => deviceId)),
    int4s(holes.map(({ from }) => from)),
    int4s(holes.map(({ to }) => to)),
    texts(pokesOf(lastOrds)),
    texts([...new Set(rows.map((row) => row.siteId))]),
  ];
};

/** A payload of NOTIFY is at most 8,000 bytes, so a large group pokes in slices of so many records. */
const recordsAPoke = 120;
const pokesOf = (lastOrds: ReadonlyMap<string, number>): string[] => {
  const heads = [...lastOrds].map(([recordId, ord]) => `${recordId}:${ord}`);
  return Array.from({ length: Math.ceil(heads.length / recordsAPoke) }, (_, i) =>
    heads.slice(i * recordsAPoke, (i + 1) * recordsAPoke).join(" "),
  );
};

/** Hashes, signatures, quarantine codes, and the entries' bytes sealed with their record's key, about their hash. */
const sealedLines = (lines: readonly LineToStore[], touched: ReadonlyMap<string, TouchedRecord>): Buffer[] => {
  const hashes = lines.map(({ hash }) => Buffer.from(hash, "hex"));
  return [
    byteas(hashes),
    texts(lines.map(({ signature }) => signature)),
    texts(lines.map(({ quarantine }) => quarantine ?? null)),
    byteas(lines.map(({ recordId, bytes }, i) => touched.get(recordId)!.after.key!.seal(bytes, hashes[i]!))),
  ];
};

import type pg from "pg";
import type { Entry } from "#domain/entry/entry.ts";
import type { ChainRun } from "#protocol/push.ts";
import { readEntry } from "#sync/envelope.ts";
import type { Sequencer } from "#sync/sequencer.ts";
import type { KeyRing } from "../sealing/key-ring.ts";

/** Names a transcription: the chain it is of, the hash of its last entry, and how many entries it has. */
export interface HeldRun {
  recordId: string;
  deviceId: string;
  head: string;
  entries: number;
}

/**
 * Transcribed forms that wait for their second person. They lie in the care log as they were signed, under their record's key, as
 * quarantined lines: durable and archived, and in nobody's record.
 */
export interface PaperRuns {
  /** Stores the run to wait. Resolves to a quarantine code if the run is not this device's, or is not whole. */
  hold(run: ChainRun): Promise<string | undefined>;
  /** The entries' texts, in order; undefined if they are not all here. */
  read(run: HeldRun): Promise<string[] | undefined>;
  /**
   * Decides the run as if it came now: its entries are in the record from then on. Done twice, or by two at once, it changes
   * nothing more, because it is always the same bytes. Resolves to the code of what stands in the way, if something does.
   */
  admit(run: HeldRun): Promise<string | undefined>;
  /** Where a device's chain in a record goes on. */
  endOf(recordId: string, deviceId: string): Promise<{ n: number; prev: string | null }>;
}

export interface PaperRunsParts {
  /** Connections of holdfast_ingest. */
  pool: pg.Pool;
  keyRing: KeyRing;
  /** Quarantines what is rightly signed, as awaiting a check. */
  holding: Sequencer;
  /** Takes what was held, whatever became of its device since. */
  admitting: Sequencer;
}

interface Row {
  hash: Buffer;
  signature: string | null;
  sealed: Buffer;
  wrapped: Buffer;
}

const linesSql = `SELECT c.hash, c.signature, c.sealed, k.wrapped FROM care_line c JOIN record_key k USING (record_id)
  WHERE c.record_id = $1 AND c.device_id = $2 AND c.quarantine = 'awaiting-check'`;
const endSql = `SELECT n, hash FROM care_line WHERE record_id = $1 AND device_id = $2 AND n IS NOT NULL
  ORDER BY n DESC LIMIT 1`;

export const createPaperRuns = ({ pool, keyRing, holding, admitting }: PaperRunsParts): PaperRuns => {
  const find = async ({ recordId, deviceId, head, entries }: HeldRun): Promise<ChainRun | undefined> => {
    const { rows } = await pool.query<Row>({ name: "paper-lines", text: linesSql, values: [recordId, deviceId] });
    const byHash = new Map(rows.map((row) => [row.hash.toString("hex"), row]));
    const signature = byHash.get(head)?.signature ?? "";
    const texts: string[] = [];
    let last: Entry | undefined;
    for (let hash: string | null = head; hash !== null && texts.length < entries; ) {
      const row = byHash.get(hash);
      if (row === undefined) return undefined;
      const text = keyRing.recordKey(recordId, row.wrapped).open(row.sealed, row.hash).toString();
      const { entry } = readEntry(text);
      if (entry === undefined) return undefined;
      last ??= entry;
      texts.unshift(text);
      hash = entry.prev;
    }
    return texts.length < entries || last === undefined
      ? undefined
      : { deviceId, recordId, entries: texts, head: { n: last.n, hash: head, signature } };
  };

  return {
    hold: async (run) => {
      const { answers } = await holding.submit({ chains: [run] });
      return answers.find(({ code }) => code !== "awaiting-check")?.code;
    },
    read: async (run) => (await find(run))?.entries,
    admit: async (held) => {
      const run = await find(held);
      if (run === undefined) return "not-here";
      const { answers } = await admitting.submit({ chains: [run] });
      const left = answers.find(({ answer }) => answer !== "accepted" && answer !== "duplicate");
      return left && (left.code ?? left.answer);
    },
    endOf: async (recordId, deviceId) => {
      const { rows } = await pool.query<{ n: number; hash: Buffer }>(endSql, [recordId, deviceId]);
      const [last] = rows;
      return last === undefined ? { n: 1, prev: null } : { n: last.n + 1, prev: last.hash.toString("hex") };
    },
  };
};

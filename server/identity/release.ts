import type pg from "pg";
import { type ChainRun, headStatement } from "#protocol/push.ts";
import { readEntry } from "#sync/envelope.ts";
import type { Sequencer } from "#sync/sequencer.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { isSignedBy } from "./device-key.ts";
import type { Devices } from "./devices.ts";

export interface Released {
  /** Entries that are in the log now and were not before. */
  released: number;
  /** Entries that stay where they are, with a quarantine code that says why; `unsigned`: no signature reaches them. */
  left: { recordId: string; hash: string; code: string }[];
}

/** The entries of revoked devices that wait for the desk. */
export interface HeldBack {
  /** How many of a device wait; those released are not among them. */
  waiting(deviceId: string): Promise<number>;
  /**
   * Decides what waits of a device anew, as if it came now from a device in good standing. Nothing is taken out of the log:
   * what is accepted gets a line of its own. Done twice, it changes nothing more. Who releases, and why, is the caller's to
   * write into the control log first.
   */
  release(deviceId: string): Promise<Released>;
}

export interface HeldBackParts {
  /** Connections of holdfast_ingest. */
  pool: pg.Pool;
  keyRing: KeyRing;
  devices: Devices;
  /** One over the same log, which takes a device's signature whatever became of the device. */
  sequencer: Sequencer;
}

/** What ended with its record waits for nobody. */
const isLive = (line: string): string =>
  `NOT EXISTS (SELECT FROM disposed_record d WHERE d.record_id = ${line}.record_id AND d.through_position >= ${line}.position)`;
const waitingSql = `FROM care_line q WHERE q.device_id = $1 AND q.quarantine = 'revoked-device' AND ${isLive("q")} AND NOT EXISTS (
  SELECT FROM care_line a WHERE a.record_id = q.record_id AND a.device_id = q.device_id AND a.n IS NOT NULL AND a.hash = q.hash)`;
const linesSql = `SELECT c.hash, c.signature, c.quarantine, c.sealed, k.wrapped FROM care_line c JOIN record_key k USING (record_id)
  WHERE c.record_id = $1 AND c.device_id = $2 AND (c.quarantine IS NULL OR c.quarantine = 'revoked-device') AND ${isLive("c")} ORDER BY c.position`;

export const createHeldBack = ({ pool, keyRing, devices, sequencer }: HeldBackParts): HeldBack => {
  const linesOf = async (recordId: string, deviceId: string): Promise<Link[]> => {
    const { rows } = await pool.query<LineRow>({
      name: "held-back-lines",
      text: linesSql,
      values: [recordId, deviceId],
    });
    return rows.map((row) => {
      const text = keyRing.recordKey(recordId, row.wrapped).open(row.sealed, row.hash).toString();
      const { entry } = readEntry(text);
      const signature = row.signature ?? undefined;
      const waits = row.quarantine !== null;
      return { hash: row.hash.toString("hex"), text, n: entry?.n, prev: entry?.prev ?? undefined, signature, waits };
    });
  };

  return {
    waiting: async (deviceId) => {
      const { rows } = await pool.query<{ count: number }>({
        name: "held-back-count",
        text: `SELECT count(*)::int AS count ${waitingSql}`,
        values: [deviceId],
      });
      return rows[0]!.count;
    },
    release: async (deviceId) => {
      const device = await devices.find(deviceId);
      const { rows } = await pool.query<{ record_id: string }>(`SELECT DISTINCT q.record_id ${waitingSql}`, [deviceId]);
      const done: Released = { released: 0, left: [] };
      for (const { record_id: recordId } of rows) {
        const signs = (n: number, hash: string, signature: string): boolean =>
          device !== undefined &&
          isSignedBy(device.publicKey, headStatement({ deviceId, recordId, n, hash }), signature);
        const lines = await linesOf(recordId, deviceId);
        const { runs, unsigned } = signedRuns(lines, signs);
        for (const hash of unsigned) done.left.push({ recordId, hash, code: "unsigned" });
        const chains = runs.map((run): ChainRun => ({ deviceId, recordId, ...run }));
        // One after the other: of two that claim the same place, the longer chain stands.
        for (const run of chains) {
          const { answers } = await sequencer.submit({ chains: [run] });
          for (const { answer, hash, code = answer } of answers) {
            if (answer === "accepted") done.released += 1;
            else if (answer !== "duplicate") done.left.push({ recordId, hash, code });
          }
        }
      }
      return done;
    },
  };
};

interface LineRow {
  hash: Buffer;
  signature: string | null;
  quarantine: string | null;
  sealed: Buffer;
  wrapped: Buffer;
}

/** A line as a link of its chain. `n` is undefined for a text that is no entry. */
interface Link {
  hash: string;
  text: string;
  n: number | undefined;
  prev: string | undefined;
  signature: string | undefined;
  waits: boolean;
}

/**
 * Puts lines together as the runs they can be admitted in. A device signs the last entry of what it sends, and each entry names
 * the one before: so a run goes back from a signed entry as far as its links are here. The signature that is stored with a line
 * may be of a later entry of its push, so it is tried on the line itself.
 */
export const signedRuns = (
  lines: readonly Link[],
  signs: (n: number, hash: string, signature: string) => boolean,
): { runs: Pick<ChainRun, "entries" | "head">[]; unsigned: string[] } => {
  const byHash = new Map(lines.map((line) => [line.hash, line]));
  const covered = new Set<Link>();
  const runs: Pick<ChainRun, "entries" | "head">[] = [];
  for (const head of lines.toSorted((a, b) => (b.n ?? 0) - (a.n ?? 0))) {
    const { n, hash, signature } = head;
    if (n === undefined || signature === undefined || covered.has(head) || !signs(n, hash, signature)) continue;
    const run: Link[] = [];
    for (let link: Link | undefined = head; link && !covered.has(link); link = byHash.get(link.prev ?? "")) {
      covered.add(link);
      run.unshift(link);
    }
    const from = run.findIndex(({ waits }) => waits);
    if (from >= 0) runs.push({ entries: run.slice(from).map(({ text }) => text), head: { n, hash, signature } });
  }
  return { runs, unsigned: lines.filter((line) => line.waits && !covered.has(line)).map(({ hash }) => hash) };
};

import { createHash } from "node:crypto";
import { join } from "node:path";
import type pg from "pg";
import * as z from "zod/mini";
import type { ArchivedLine } from "../archive/segment.ts";
import { type Actor, createControlLog, readControlLine, StaleSubject } from "../logs/control-log.ts";
import { type LocalJournal, openLocalJournal } from "../logs/local-journal.ts";
import { byteas } from "../postgres/binary-array.ts";
import type { KeyRing } from "../sealing/key-ring.ts";

/** A change of the control log that the archive has and that did not happen: it came after the line that was chosen. Says no names. */
const leftOutChange = z.object({
  /** Of the line: two bases may have given one place. */
  hash: z.string(),
  epoch: z.int(),
  position: z.int(),
  /** By the base that wrote it. */
  received: z.string(),
  /** Of the subject: `device`, `person`, `setting` …; empty for a line that this version cannot read. */
  kind: z.string(),
  id: z.string(),
  by: z.object({ userId: z.optional(z.string()), deviceId: z.optional(z.string()) }),
});
export type LeftOutChange = Omit<z.infer<typeof leftOutChange>, "by"> & { by: Actor };
export const readLeftOutChange = (state: unknown): LeftOutChange => leftOutChange.parse(state) as LeftOutChange;

/** Of a log that goes on after all: a device's or the server's own word, which comes again by itself. */
const ofThemselves: ReadonlySet<string> = new Set(["proof"]);

export const leftOutOf = (lines: readonly ArchivedLine[]): LeftOutChange[] =>
  lines.flatMap(({ hash, epoch, position, received, bytes }) => {
    const change = read(bytes);
    if (change !== null && ofThemselves.has(change.kind)) return [];
    const { kind, id, by } = change ?? { kind: "", id: "", by: {} };
    return [{ hash, epoch, position, received, kind, id, by }];
  });

const read = (bytes: Buffer | null) => {
  try {
    return bytes === null ? null : readControlLine(bytes.toString());
  } catch {
    return null;
  }
};

/** Sealed, beside the journals: until this server serves the trust as its base, there is no log to note it in. */
export const leftOutJournal = (dataDirectory: string, trust: string): LocalJournal =>
  openLocalJournal(join(dataDirectory, "journal", `${trust}.left-out`));

export const keepLeftOut = async (
  keyRing: KeyRing,
  journal: LocalJournal,
  changes: readonly LeftOutChange[],
): Promise<void> => {
  if (changes.length === 0) return;
  const text = JSON.stringify(changes);
  const hash = createHash("sha256").update(text).digest("hex");
  await journal.add({ hash, sealed: keyRing.seal("control", text, hash).toString("base64") });
};

const atOnce = 500;

/**
 * Notes in the log what was kept, each change once however often it was kept, and none that the log has after all: a restore may have
 * gone on. Cut short, it goes on at the next start. `pool`: the owner's.
 */
export const noteLeftOut = (keyRing: KeyRing, journal: LocalJournal, pool: pg.Pool): Promise<void> =>
  journal.drain(async (lines) => {
    const log = createControlLog(pool, keyRing, "append_control");
    const kept = lines.flatMap(({ hash, sealed }) =>
      z.array(z.unknown()).parse(JSON.parse(keyRing.open("control", Buffer.from(sealed, "base64"), hash))),
    );
    const changed = new Map(kept.map(readLeftOutChange).map((change) => [change.hash, change]));
    const { rows } = await pool.query<{ hash: Buffer }>(
      "SELECT hash FROM control_line WHERE hash = ANY ($1::bytea[])",
      [byteas([...changed.keys()].map((hash) => Buffer.from(hash, "hex")))],
    );
    const happened = rows.map(({ hash }) => hash.toString("hex"));
    const known = new Set([...happened, ...(await log.all("left-out")).map(({ id }) => id)]);
    const fresh = [...changed].filter(([id]) => !known.has(id));
    const changes = fresh.map(([id, state]) => ({ kind: "left-out" as const, id, state, by: {}, expected: 0 }));
    for (let i = 0; i < changes.length; i += atOnce)
      await log.append(changes.slice(i, i + atOnce)).catch((error: unknown) => {
        // Another process of this server was first.
        if (!(error instanceof StaleSubject)) throw error;
      });
  });

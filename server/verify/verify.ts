import type { KeyObject } from "node:crypto";
import type pg from "pg";
import { type LogName, logNames } from "#defence/log/line.ts";
import type { ProofResult, ProvedLog } from "#protocol/control/proof.ts";
import { checkOpenings } from "../archive/epochs.ts";
import { headsPageMax, type Letterbox } from "../archive/letterbox.ts";
import { everyKey } from "../epochs/opening.ts";
import { readCheckpointText } from "../heads/checkpoint.ts";
import { type NoteKey, readNote } from "../heads/note.ts";
import { adoptedLines, archiveStart, segmentsAfter } from "../recovery/segments.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { atOneInstant } from "./at-one-instant.ts";
import { addClaims } from "./claims.ts";
import { readProofHeads } from "./proof-heads.ts";
import { verifyLog } from "./verify-log.ts";
import { watchYoungLines } from "./young-lines.ts";

export interface ProofParts {
  trust: string;
  keyRing: KeyRing;
  /** The keys that the log began with, and the officers whose signatures opened its later epochs. */
  logKeys: readonly KeyObject[];
  officers?: readonly KeyObject[];
  witnesses: readonly NoteKey[];
  /** Where heads lie; undefined without an archive. With an age identity its lines are read too. */
  letterbox?: Pick<Letterbox, "heads" | "openings"> & Partial<Pick<Letterbox, "after" | "read">>;
  /** age identity. */
  identity?: string;
  /** Heads from elsewhere, such as what witnesses saw last. */
  moreHeads?: readonly string[];
  /** A head that a device told of is waited for so long, ms. */
  graceMs?: number;
  onProgress?(log: LogName, position: number): void;
  /** Ends it: it lets go of the database, and rejects. */
  signal?: AbortSignal;
}
export interface VerifyParts extends ProofParts {
  /** Of the archive's role: it reads every line and changes none. */
  url: string;
}
/** Heads of each log as notes, from the archive and from elsewhere: whatever is said to be one. */
export type HeadNotes = Record<LogName, string[]>;

const headsMax = 50_000;
const graceMsDefault = 600_000;

/** Compares the database's three logs with everything that was proved of them. Changes nothing. Rejects where the database goes away. */
export const verifyTrust = async ({ url, ...parts }: VerifyParts): Promise<ProofResult> => {
  // Before the lines: whoever writes meanwhile adds a head after its lines.
  const notes = await readHeadNotes(parts);
  return atOneInstant(url, "holdfast verify", (client) => verifyLines(client, notes, parts), parts.signal);
};

export const readHeadNotes = async (parts: ProofParts): Promise<HeadNotes> => {
  const notes: HeadNotes = { care: [], access: [], control: [] };
  for (const log of logNames) notes[log] = [...(await readAllHeads(parts, log)), ...(parts.moreHeads ?? [])];
  return notes;
};

/** The same with heads that were read before, in a transaction that sees one instant. */
export const verifyLines = async (client: pg.ClientBase, notes: HeadNotes, parts: ProofParts): Promise<ProofResult> => {
  const { trust, keyRing, witnesses, letterbox, identity, officers = [] } = parts;
  const openings = checkOpenings((await letterbox?.openings(trust)) ?? [], officers);
  const logKeys = everyKey(parts.logKeys, openings);
  const ranAt = new Date().toISOString();
  const started = performance.now();
  const young = watchYoungLines();
  const logs: ProvedLog[] = [];
  // The control log first: it says whose devices signed what the others hold, and which records ended.
  for (const log of ["control", "care", "access"] as const satisfies readonly LogName[]) {
    const { heads, unreadable } = readProofHeads(notes[log], { trust, log, logKeys, witnesses });
    const canRead = identity !== undefined && letterbox?.after !== undefined && letterbox.read !== undefined;
    const archive = canRead
      ? { after: letterbox.after!, read: letterbox.read!, openings: letterbox.openings }
      : undefined;
    logs.push(
      await verifyLog({
        client,
        keyRing,
        log,
        heads,
        unreadableHeads: unreadable,
        young,
        hasWitnesses: witnesses.length > 0,
        ...(archive && {
          archived: () =>
            linesOf(segmentsAfter({ ...parts, letterbox: archive, log, from: archiveStart, identity: identity! })),
        }),
        ...(parts.onProgress && { onProgress: (position: number) => parts.onProgress!(log, position) }),
      }),
    );
  }
  await addClaims(client, young, logs.find(({ log }) => log === "care")!, parts.graceMs ?? graceMsDefault);
  logs.sort((a, b) => logNames.indexOf(a.log) - logNames.indexOf(b.log));
  const seconds = Math.round((performance.now() - started) / 10) / 100;
  const good = logs.every(({ problemCount }) => problemCount === 0);
  return { good, ranAt, seconds, againstArchive: identity !== undefined, logs };
};

async function* linesOf(segments: ReturnType<typeof segmentsAfter>) {
  for await (const segment of segments) yield adoptedLines(segment);
}

/** 0 for what cannot be read: it is counted later. */
const sizeOf = (note: string): number => {
  try {
    return readCheckpointText(readNote(note).text).size;
  } catch {
    return 0;
  }
};

const readAllHeads = async ({ letterbox, trust, signal }: ProofParts, log: LogName): Promise<string[]> => {
  if (letterbox === undefined) return [];
  let all: string[] = [];
  for (let after = 0; ; ) {
    signal?.throwIfAborted();
    const page = await letterbox.heads(trust, log, after);
    all = all.concat(page);
    // Of a log with years of heads every second of the older ones will do: the last good state is then known to some seconds less.
    if (all.length > headsMax) {
      const recent = all.length - headsPageMax;
      all = all.filter((_, i) => i % 2 === 0 || i >= recent);
    }
    // A page may be short: a head that ended its retention was listed and is gone.
    const longest = page.reduce((most, note) => Math.max(most, sizeOf(note)), after);
    if (longest === after) return all;
    after = longest;
  }
};

import type { KeyObject } from "node:crypto";
import pg from "pg";
import { type LogName, logNames } from "#defence/log/line.ts";
import type { ProofResult, ProvedLog } from "#protocol/control/proof.ts";
import { headsPageMax, type Letterbox } from "../archive/letterbox.ts";
import { readCheckpointText } from "../heads/checkpoint.ts";
import { type NoteKey, readNote } from "../heads/note.ts";
import { archiveStart, segmentsAfter } from "../recovery/segments.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { addClaims } from "./claims.ts";
import { readProofHeads } from "./proof-heads.ts";
import { verifyLog } from "./verify-log.ts";
import { watchYoungLines } from "./young-lines.ts";

export interface VerifyParts {
  /** Of the archive's role: it reads every line and changes none. */
  url: string;
  trust: string;
  keyRing: KeyRing;
  logKeys: readonly KeyObject[];
  witnesses: readonly NoteKey[];
  /** Where heads lie; undefined without an archive. With an age identity its lines are read too. */
  letterbox?: Pick<Letterbox, "heads"> & Partial<Pick<Letterbox, "after" | "read">>;
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

const headsMax = 50_000;
const graceMsDefault = 600_000;

/** Compares the database's three logs with everything that was proved of them. Changes nothing. Rejects where the database goes away. */
export const verifyTrust = async (parts: VerifyParts): Promise<ProofResult> => {
  const { trust, keyRing, logKeys, witnesses, letterbox, identity } = parts;
  const ranAt = new Date().toISOString();
  const started = performance.now();
  const notes = await Promise.all(
    logNames.map(async (log) => [...(await readAllHeads(parts, log)), ...(parts.moreHeads ?? [])]),
  );
  const client = new pg.Client({ connectionString: parts.url, application_name: "holdfast verify" });
  // A connection that breaks while the archive is read ends this run, by its next statement, and not the server.
  client.on("error", () => {});
  const stop = () => void client.end().catch(() => {});
  parts.signal?.throwIfAborted();
  parts.signal?.addEventListener("abort", stop);
  await client.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const young = watchYoungLines();
    const logs: ProvedLog[] = [];
    // The control log first: it says whose devices signed what the others hold, and which records ended.
    for (const log of ["control", "care", "access"] as const satisfies readonly LogName[]) {
      const about = { trust, log, logKeys, witnesses };
      const { heads, unreadable } = readProofHeads(notes[logNames.indexOf(log)]!, about);
      const canRead = identity !== undefined && letterbox?.after !== undefined && letterbox.read !== undefined;
      const archive = canRead ? { after: letterbox.after!, read: letterbox.read! } : undefined;
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
              linesOf(
                segmentsAfter({ letterbox: archive, trust, log, from: archiveStart, logKeys, identity: identity! }),
              ),
          }),
          ...(parts.onProgress && { onProgress: (position: number) => parts.onProgress!(log, position) }),
        }),
      );
    }
    await addClaims(client, young, logs.find(({ log }) => log === "care")!, parts.graceMs ?? graceMsDefault);
    await client.query("COMMIT");
    logs.sort((a, b) => logNames.indexOf(a.log) - logNames.indexOf(b.log));
    const seconds = Math.round((performance.now() - started) / 10) / 100;
    const good = logs.every(({ problemCount }) => problemCount === 0);
    return { good, ranAt, seconds, againstArchive: identity !== undefined, logs };
  } finally {
    parts.signal?.removeEventListener("abort", stop);
    await client.end();
  }
};

async function* linesOf(segments: ReturnType<typeof segmentsAfter>) {
  for await (const { lines } of segments) yield lines;
}

/** 0 for what cannot be read: it is counted later. */
const sizeOf = (note: string): number => {
  try {
    return readCheckpointText(readNote(note).text).size;
  } catch {
    return 0;
  }
};

const readAllHeads = async ({ letterbox, trust, signal }: VerifyParts, log: LogName): Promise<string[]> => {
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

import { createHash, type KeyObject } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import type pg from "pg";
import { type LogName, logNames } from "#defence/log/line.ts";
import type { ServerConfig } from "../config.ts";
import { verifierText } from "../heads/note.ts";
import { type TimelineLine, timelineLines } from "../timeline/timeline.ts";
import { atOneInstant } from "../verify/at-one-instant.ts";
import type { StoredLine } from "../verify/stored-lines.ts";
import { type HeadNotes, type ProofParts, readHeadNotes, verifyLines } from "../verify/verify.ts";
import { billOfMaterials } from "./bill-of-materials.ts";
import { cleanPointOf } from "./clean-point.ts";
import { type Finding, findingsOf } from "./findings.ts";
import { type PackedFile, signedManifest } from "./manifest.ts";
import { sortHeads } from "./pack-heads.ts";
import { readme } from "./readme.ts";
import type { RestoreProof } from "./restore-proof.ts";
import { shownConfig, watchSettings } from "./settings-history.ts";
import { createTar, type TarWriter } from "./tar.ts";

export interface EvidenceParts extends ProofParts {
  /** Of the archive's role: it reads every line and changes none. */
  url: string;
  /** Ed25519; signs the manifest. */
  logKey: KeyObject;
  /** Where the pack goes: a new file. */
  path: string;
  config: ServerConfig;
  program: { lockFile: string; files: string };
  restored?: RestoreProof;
  /** Lines of the timeline in one of its files. */
  linesPerFile?: number;
  onTimeline?(log: LogName, position: number): void;
}

/** What the command says of the pack. */
export interface Evidence {
  trust: string;
  /** ISO 8601 in UTC. */
  made: string;
  good: boolean;
  cleanPoint: ReturnType<typeof cleanPointOf>;
  findings: Finding[];
  files: PackedFile[];
}

const linesPerFileDefault = 1_000_000;

/**
 * Writes one signed archive of what an assessor needs, from the database as it is at one instant. It is there whole or not at all. The
 * same evidence made at the same time is the same bytes. Names no patient. Holds a page of lines and the heads in memory.
 */
export const makeEvidence = async (parts: EvidenceParts): Promise<Evidence> => {
  const notes = await readHeadNotes(parts);
  const unfinished = `${parts.path}.unfinished`;
  const tar = await createTar(unfinished);
  try {
    const evidence = await atOneInstant(parts.url, "holdfast evidence", (client) => pack(tar, client, notes, parts));
    await tar.end();
    await rename(unfinished, parts.path);
    return evidence;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  } finally {
    await tar.close();
  }
};

const pack = async (
  tar: TarWriter,
  client: pg.ClientBase,
  notes: HeadNotes,
  parts: EvidenceParts,
): Promise<Evidence> => {
  const { trust, logKey, config, program, restored, witnesses, letterbox } = parts;
  const files: PackedFile[] = [];
  const add = async (name: string, content: Iterable<string> | AsyncIterable<string>): Promise<void> => {
    const sum = createHash("sha256");
    const bytes = await tar.add(name, content, (piece) => sum.update(piece));
    files.push({ name, bytes, sha256: sum.digest("hex") });
  };
  const addJson = (name: string, value: unknown) => add(name, [`${JSON.stringify(value, null, 1)}\n`]);

  const { seconds: _seconds, ...proof } = await verifyLines(client, notes, parts);
  const made = proof.ranAt;
  const cleanPoint = cleanPointOf(proof);
  const { signed, unsigned } = sortHeads(notes, parts);
  await add("README.txt", [readme(trust, made)]);
  await addJson("verification.json", { trust, witnesses: witnesses.map(verifierText), ...proof });
  await addJson("clean-point.json", cleanPoint);
  for (const log of logNames) await addJson(`heads-${log}.json`, { heads: signed[log] });
  if (unsigned.length > 0) await addJson("heads-not-signed.json", { heads: unsigned });
  if (restored !== undefined) await addJson("restore-proof.json", restored);
  await add("program-bom.cdx.json", [billOfMaterials(program.lockFile)]);
  await add("program-files.sha256", [program.files]);

  const settings = watchSettings();
  let damaged = 0;
  const see = (line: TimelineLine, stored: StoredLine): void => {
    if (line.fault !== null) damaged += 1;
    if (line.log === "control") settings.see(stored);
  };
  await addTimeline(add, client, parts, see);
  const { now, changes, weak } = settings;
  await addJson("settings.json", { program: shownConfig(config), trust: now(), changes: changes() });
  const findings = findingsOf({
    proof,
    damaged,
    hasArchive: letterbox !== undefined,
    weakSettings: weak(),
    restored,
  });
  await addJson("findings.json", { findings });
  const manifest = signedManifest({ trust, made, files }, logKey);
  await tar.add("MANIFEST", [manifest], () => {});
  return { trust, made, good: proof.good, cleanPoint, findings, files };
};

/** Each line with what its leaf is made of, so that whoever has the heads can tell that no line was left out or put in. */
const addTimeline = async (
  add: (name: string, content: AsyncIterable<string>) => Promise<void>,
  client: pg.ClientBase,
  { keyRing, linesPerFile = linesPerFileDefault, onTimeline }: EvidenceParts,
  see: (line: TimelineLine, stored: StoredLine) => void,
): Promise<void> => {
  const lines = timelineLines(client, { keyRing, filter: {}, ...(onTimeline && { onProgress: onTimeline }) });
  let next = await lines.next();
  async function* ofOneFile() {
    for (let i = 0; i < linesPerFile && next.done !== true; i++) {
      const { line, stored } = next.value;
      see(line, stored);
      const { hash, signature, recordId, n, quarantine } = stored;
      yield `${JSON.stringify({ ...line, leaf: { hash, signature, recordId, n, quarantine } })}\n`;
      next = await lines.next();
    }
  }
  for (let file = 1; file === 1 || next.done !== true; file++)
    await add(`timeline-${String(file).padStart(4, "0")}.jsonl`, ofOneFile());
};

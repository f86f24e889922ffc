import type pg from "pg";
import type { LogName } from "#defence/log/line.ts";
import type { ProvedLog } from "#protocol/control/proof.ts";
import { leafOf } from "../archive/hashing.ts";
import type { ArchivedLine } from "../archive/segment.ts";
import { BrokenArchive } from "../recovery/segments.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { compareHeads } from "./compare-heads.ts";
import { type SidedLine, tellDifferences } from "./differences.ts";
import { collectProblems, type Problems } from "./problems.ts";
import type { ProofHead } from "./proof-heads.ts";
import { type StoredLine, storedLines } from "./stored-lines.ts";
import type { YoungLines } from "./young-lines.ts";

export interface LogParts {
  /** In a transaction that sees one instant. */
  client: pg.ClientBase;
  keyRing: KeyRing;
  log: LogName;
  heads: readonly ProofHead[];
  unreadableHeads: number;
  young: YoungLines;
  /** Whether any witness's key is known: then its word is asked for, and not the base's alone. */
  hasWitnesses: boolean;
  /** The archive's lines in order, read a second time where something is wrong; undefined where nobody can open it. */
  archived?: () => AsyncIterable<Iterable<ArchivedLine>>;
  onProgress?(position: number): void;
}

/** What is listed of a log; more is counted. */
export const recordsMax = 200;
export const problemsMax = 200;

export const verifyLog = async (parts: LogParts): Promise<ProvedLog> => {
  const { client, log, heads, young } = parts;
  const problems = collectProblems();
  if (parts.unreadableHeads > 0)
    problems.add("other-signer", null, null, `${parts.unreadableHeads} heads of the log cannot be read.`);
  const isTrusted = (head: ProofHead): boolean =>
    parts.hasWitnesses ? head.cosignedAt() !== undefined : head.isSigned();
  const comparison = compareHeads(heads, isTrusted);
  const proven = heads.at(-1)?.size ?? 0;
  let last = 0;
  for await (const page of storedLines(client, parts.keyRing, log)) {
    for (const line of page) {
      checkLine(line, { log, last, young, isYoung: line.position > proven, problems });
      last = Math.max(last, line.position);
    }
    comparison.add(page.map((line) => leafOf(log, line)));
    parts.onProgress?.(last);
  }
  const { rows } = await client.query<{ position: string }>("SELECT position FROM log_head WHERE log = $1", [log]);
  const said = Number(rows[0]?.position ?? 0);
  if (said > last) problems.add("removed", last + 1, said, "The log's own head counts lines that are not there.");
  if (said < last) problems.add("added", said + 1, last, "The log's own head does not count these lines.");
  const good = comparison.end(problems, last);
  const touched =
    parts.archived && problems.all().length > 0 ? await compareArchive(parts, problems) : new Set<string>();

  const firstBad = Math.min(problems.firstBad(), last + 1);
  const clean = good.findLast((head) => head.size < firstBad && isTrusted(head));
  if (firstBad <= last) await addRecords(parts, problems, touched);
  return {
    log,
    lines: last,
    provenTo: clean?.size ?? 0,
    provenAt: clean === undefined ? null : (clean.cosignedAt() ?? clean.time),
    cosigned: clean?.cosignedAt() !== undefined,
    cleanLine: firstBad - 1,
    problems: problems.all().slice(0, problemsMax),
    problemCount: problems.all().length,
    records: [...touched].slice(0, recordsMax),
    recordCount: touched.size,
  };
};

/** Adds the records with a line in what is wrong: read again, since mostly nothing is and a million ids would be kept for it. */
const addRecords = async (
  { client, keyRing, log }: LogParts,
  problems: Problems,
  touched: Set<string>,
): Promise<void> => {
  const wrong = problems
    .all()
    .filter((each): each is typeof each & { from: number } => each.from !== null)
    .sort((a, b) => a.from - b.from);
  let next = 0;
  let wrongThrough = 0;
  for await (const page of storedLines(client, keyRing, log))
    for (const { position, records } of page) {
      // Lines come in order, and so does what is wrong: each is looked at once.
      for (; next < wrong.length && wrong[next]!.from <= position; next++)
        wrongThrough = Math.max(wrongThrough, wrong[next]!.to ?? wrong[next]!.from);
      if (position <= wrongThrough) for (const id of records) touched.add(id);
    }
};

const checkLine = (
  line: StoredLine,
  about: { log: LogName; last: number; young: YoungLines; isYoung: boolean; problems: Problems },
): void => {
  const { log, last, young, problems } = about;
  const { position, fault, text, recordId } = line;
  if (position > last + 1) problems.add("removed", last + 1, position - 1, "The lines are not there.");
  if (position <= last) problems.add("added", position, position, "Two lines have this place.");
  if (fault !== undefined) problems.add("changed", position, position, `The line is not as it was stored: ${fault}.`);
  if (log === "control") young.control(line);
  if (log !== "care") return;
  if (text === null && fault === undefined && position > young.endedThrough(recordId!))
    problems.add("removed", position, position, "No line of the control log says that its record ended.");
  const contradiction = fault === undefined ? young.care(line, about.isYoung) : undefined;
  if (contradiction !== undefined)
    problems.add("changed", position, position, `The line is not what a device wrote: ${contradiction}.`);
};

/** The lines of both sides that differ, told apart. Where the archive is not good either, that is told, and what it holds until there. */
const compareArchive = async (parts: LogParts, problems: Problems): Promise<Set<string>> => {
  const { client, keyRing, log, archived } = parts;
  const [ofArchive, ofDatabase] = [new Map<number, SidedLine>(), [] as SidedLine[]];
  const sided = (line: ArchivedLine | StoredLine): SidedLine => ({
    position: line.position,
    leaf: leafOf(log, line).toString("hex"),
    hash: line.hash,
    records: line.recordId === undefined ? [] : [line.recordId],
  });
  let end = 0;
  try {
    for await (const lines of archived!())
      for (const line of lines) {
        ofArchive.set(line.position, sided(line));
        end = line.position;
      }
  } catch (error) {
    if (!(error instanceof BrokenArchive)) throw error;
    problems.add("rewritten", null, null, `The archive itself is not good: ${error.message}`);
  }
  for await (const page of storedLines(client, keyRing, log))
    for (const line of page) {
      const own = sided(line);
      const isSame = ofArchive.get(line.position)?.leaf === own.leaf;
      if (isSame) ofArchive.delete(line.position);
      // What is younger than the archive is compared with nothing.
      else if (line.position <= end) ofDatabase.push(own);
    }
  return tellDifferences([...ofArchive.values()], ofDatabase, problems);
};

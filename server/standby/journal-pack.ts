import { hash } from "node:crypto";
import { join } from "node:path";
import type pg from "pg";
import { SetupProblem } from "../config.ts";
import { readOpening } from "../identity/sealed-openings.ts";
import type { Access } from "../logs/access-line.ts";
import { givenIdOf } from "../logs/access-log.ts";
import { openLocalJournal } from "../logs/local-journal.ts";
import { uuids } from "../postgres/binary-array.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { type JournalLine, journalLine, linesOf, openJournal, sealJournal } from "./journal-file.ts";

/**
 * What a standby noted of who read and opened what, on its way to a base that came back without a promotion: nothing leads from a standby
 * to the base, so people carry it.
 */

export interface JournalPlace {
  dataDirectory: string;
  trust: string;
  keyRing: KeyRing;
}

/** Lines of one end, or of what is carried. */
export interface JournalCounts {
  /** Lines of the access log. */
  accesses: number;
  /** Openings of sealed accounts. */
  openings: number;
  /** SHA-256 over the lines' hashes: the same at both ends, hexadecimal. */
  fingerprint: string;
  /** Lines that cannot be read here, or that no version of this one writes. They stay where they are. */
  unreadable: number;
}
export interface TakenJournal extends JournalCounts {
  /** How many of them the base's log had already. */
  inLog: number;
}

/** Of each journal: its file, and the key that its lines are sealed with. */
const journals = {
  access: { suffix: "access", use: "access" },
  opening: { suffix: "sealed-openings", use: "control" },
} as const;
const kinds = ["access", "opening"] as const;

/** Journals are this large at most, bytes: a standby's, for as long as the base is away. */
const journalBytesMax = 2_000_000_000;
const journalOf = ({ dataDirectory, trust }: JournalPlace, kind: JournalLine["of"]) =>
  openLocalJournal(join(dataDirectory, "journal", `${trust}.${journals[kind].suffix}`), journalBytesMax);

type HashedLine = JournalLine & { hash: string };

const hashOf = (text: string): string => hash("sha256", text);
/** Counts lines as they come; one that comes twice is one. */
const counter = () => {
  const hashes = { access: new Set<string>(), opening: new Set<string>() };
  let unreadable = 0;
  return {
    add: ({ of }: Pick<JournalLine, "of">, hash: string) => void hashes[of].add(hash),
    cannotRead: (): void => {
      unreadable += 1;
    },
    counts: (): JournalCounts => ({
      accesses: hashes.access.size,
      openings: hashes.opening.size,
      fingerprint: hashOf([...hashes.access, ...hashes.opening].sort().join("\n")),
      unreadable,
    }),
  };
};

/** Every line that this server noted and no log of its own has. They stay. */
async function* linesAt(
  place: JournalPlace,
): AsyncGenerator<{ of: JournalLine["of"]; hash: string; text: string | null }> {
  for (const of of kinds)
    for await (const lines of journalOf(place, of).read())
      for (const { hash, sealed } of lines) yield { of, hash, text: opened(place, of, hash, sealed) };
}

const opened = ({ keyRing }: JournalPlace, of: JournalLine["of"], hash: string, sealed: string): string | null => {
  try {
    return keyRing.open(journals[of].use, Buffer.from(sealed, "base64"), hash);
  } catch {
    return null;
  }
};

export const packJournal = async (
  place: JournalPlace,
  passphrase: string,
): Promise<{ file: Uint8Array; counts: JournalCounts }> => {
  const count = counter();
  const packed: Buffer[] = [];
  for await (const { of, hash, text } of linesAt(place)) {
    if (text === null) {
      count.cannotRead();
      continue;
    }
    count.add({ of }, hash);
    packed.push(journalLine({ of, text }));
  }
  return { file: await sealJournal(place.trust, packed, passphrase), counts: count.counts() };
};

/** Lines of a pack in memory at a time, while they are stored. */
const storedAtOnce = 2_000;

/**
 * Puts what the log does not have into this server's own journals, from where its next start takes it into the log; none twice, however
 * often it is called. The server is stopped. `owner`: a connection of the owner's. Rejects with SetupProblem for what is no journal of this
 * trust, or another passphrase.
 */
export const takeJournal = async (
  place: JournalPlace,
  owner: Pick<pg.ClientBase, "query">,
  file: Uint8Array,
  passphrase: string,
): Promise<TakenJournal> => {
  const plain = await openJournal(file, passphrase);
  const count = counter();
  const here = new Set<string>();
  for await (const { hash, text } of linesAt(place)) if (text !== null) here.add(hash);
  let inLog = 0;
  let waiting: HashedLine[] = [];
  const store = async (): Promise<void> => {
    const known = await inLogOf(owner, waiting);
    inLog += known.size;
    for (const of of kinds) {
      const lacking = waiting.filter((each) => each.of === of && !known.has(each.hash) && !here.has(each.hash));
      const { use } = journals[of];
      const kept = lacking.map(({ hash, text }) => ({
        hash,
        sealed: place.keyRing.seal(use, text, hash).toString("base64"),
      }));
      if (kept.length > 0) await journalOf(place, of).add(...kept);
    }
    waiting = [];
  };
  for (const each of linesOf(plain, place.trust)) {
    if (each === undefined) {
      count.cannotRead();
      continue;
    }
    const hash = hashOf(each.text);
    count.add(each, hash);
    waiting.push({ ...each, hash });
    if (waiting.length === storedAtOnce) await store();
  }
  await store();
  await assertThere(place, owner, plain);
  return { ...count.counts(), inLog };
};

/** What is said to be taken is read from the disk, or from the log. */
const assertThere = async (place: JournalPlace, owner: Pick<pg.ClientBase, "query">, plain: Buffer): Promise<void> => {
  const here = new Set<string>();
  for await (const { hash, text } of linesAt(place)) if (text !== null) here.add(hash);
  const lacking: HashedLine[] = [];
  for (const each of linesOf(plain, place.trust))
    if (each !== undefined && !here.has(hashOf(each.text))) lacking.push({ ...each, hash: hashOf(each.text) });
  for (let i = 0; i < lacking.length; i += storedAtOnce) {
    const some = lacking.slice(i, i + storedAtOnce);
    if ((await inLogOf(owner, some)).size < new Set(some.map(({ hash }) => hash)).size)
      throw new Error("Not every line of the pack is on this disk. Nothing is lost: take it again.");
  }
};

/** Hashes of those that the log has. */
const inLogOf = async (owner: Pick<pg.ClientBase, "query">, lines: readonly HashedLine[]): Promise<Set<string>> => {
  const accesses = new Map(lines.filter(({ of }) => of === "access").map((each) => [givenIdOf(each.hash), each]));
  const openings = new Map(
    lines.filter(({ of }) => of === "opening").map(({ hash, text }) => [readOpening(text).reviewId, hash]),
  );
  const devices = [...accesses.values()].map(
    ({ text }) => (JSON.parse(text) as Pick<Access, "deviceId">).deviceId ?? null,
  );
  const { rows } = await owner.query<{ given_id: string; hash: Buffer }>(
    `SELECT a.given_id, a.hash FROM unnest($1::uuid[], $2::uuid[]) AS l (device_id, given_id)
       JOIN access_line a ON a.device_id = l.device_id AND a.given_id = l.given_id
     UNION ALL
     SELECT given_id, hash FROM access_line WHERE device_id IS NULL AND given_id = ANY ($2::uuid[])`,
    [uuids(devices), uuids([...accesses.keys()])],
  );
  const reviews = await owner.query<{ subject_id: string }>(
    "SELECT subject_id FROM subject WHERE kind = 'review' AND subject_id = ANY ($1::text[])",
    [[...openings.keys()]],
  );
  return new Set([
    ...rows.map(({ hash }) => hash.toString("hex")).filter((hash) => accesses.get(givenIdOf(hash))?.hash === hash),
    ...reviews.rows.map((row) => openings.get(row.subject_id)!),
  ]);
};

/** Drops the lines here once the base has them: only where they are those of that fingerprint, and none came since. */
export const forgetJournal = async (place: JournalPlace, fingerprint: string): Promise<JournalCounts> => {
  const count = counter();
  for await (const { of, hash, text } of linesAt(place))
    if (text === null) count.cannotRead();
    else count.add({ of }, hash);
  const counts = count.counts();
  if (counts.fingerprint !== fingerprint)
    throw new SetupProblem(
      "other-lines",
      "What is noted here is not what that fingerprint is of: more was noted since, or the base could not read all of it.",
      "pack it again, take that at the base, and give the fingerprint that was printed there.",
    );
  if (counts.unreadable > 0)
    throw new SetupProblem(
      "unreadable-lines",
      `${counts.unreadable} lines here cannot be opened, so no base has them.`,
      "keep the folder `journal` for whoever looks into that, and move it away by hand.",
    );
  for (const of of kinds) await journalOf(place, of).drain(async () => {});
  return counts;
};

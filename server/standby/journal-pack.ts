import { hash } from "node:crypto";
import { join } from "node:path";
import { Decrypter, Encrypter } from "age-encryption";
import * as z from "zod/mini";
import { SetupProblem } from "../config.ts";
import { readOpening } from "../identity/sealed-openings.ts";
import { openLocalJournal } from "../logs/local-journal.ts";
import type { KeyRing } from "../sealing/key-ring.ts";

/**
 * What a standby noted of who read and opened what, on its way to a base that came back without a promotion: nothing leads from a standby
 * to the base, so people carry it. An age file under a passphrase: a line that says what it is, and one for each noted line.
 */

export interface JournalPlace {
  dataDirectory: string;
  trust: string;
  keyRing: KeyRing;
}

/** What was packed or taken. */
export interface JournalCounts {
  /** Lines of the access log. */
  accesses: number;
  /** Openings of sealed accounts. */
  openings: number;
  /** SHA-256 over the lines' hashes: the same at both ends, hexadecimal. */
  fingerprint: string;
}

const head = z.object({ format: z.literal("holdfast journal 1"), trust: z.string() });
const line = z.object({ of: z.enum(["access", "opening"]), text: z.string() });
type Line = z.infer<typeof line>;

/** Of each journal: its file, and the key that its lines are sealed with. */
const journals = {
  access: { suffix: "access", use: "access" },
  opening: { suffix: "sealed-openings", use: "control" },
} as const;
const kinds = ["access", "opening"] as const;

/** Journals are this large at most: a standby's, for as long as the base is away. */
const journalBytesMax = 2_000_000_000;
const journalOf = ({ dataDirectory, trust }: JournalPlace, kind: Line["of"]) =>
  openLocalJournal(join(dataDirectory, "journal", `${trust}.${journals[kind].suffix}`), journalBytesMax);

const hashOf = (text: string): string => hash("sha256", text);
const countsOf = (lines: readonly Line[]): JournalCounts => ({
  accesses: lines.filter(({ of }) => of === "access").length,
  openings: lines.filter(({ of }) => of === "opening").length,
  fingerprint: hashOf([...new Set(lines.map(({ text }) => hashOf(text)))].sort().join("\n")),
});

/** Every line that this server noted and no log of its own has. They stay. */
const linesAt = async (place: JournalPlace): Promise<Line[]> => {
  const lines: Line[] = [];
  for (const of of kinds)
    for (const { hash, sealed } of await journalOf(place, of).read())
      lines.push({ of, text: place.keyRing.open(journals[of].use, Buffer.from(sealed, "base64"), hash) });
  return lines;
};

export const packJournal = async (
  place: JournalPlace,
  passphrase: string,
): Promise<{ file: Uint8Array; counts: JournalCounts }> => {
  const lines = await linesAt(place);
  const about: z.infer<typeof head> = { format: "holdfast journal 1", trust: place.trust };
  const age = new Encrypter();
  age.setPassphrase(passphrase);
  const plain = Buffer.concat([about, ...lines].map((each) => Buffer.from(`${JSON.stringify(each)}\n`)));
  return { file: await age.encrypt(plain), counts: countsOf(lines) };
};

/**
 * Puts them into this server's own journals, from where its next start takes them into the log; none twice, however often it is
 * called. The server is stopped. Rejects with SetupProblem for what is no journal of this trust, or another passphrase.
 */
export const takeJournal = async (
  place: JournalPlace,
  file: Uint8Array,
  passphrase: string,
): Promise<JournalCounts> => {
  const lines = await linesOf(file, passphrase, place.trust);
  for (const of of kinds) {
    const journal = journalOf(place, of);
    const here = new Set((await journal.read()).map(({ hash }) => hash));
    const lacking = lines
      .filter((each) => each.of === of)
      .flatMap(({ text }) => {
        const hash = hashOf(text);
        if (here.has(hash)) return [];
        return [{ hash, sealed: place.keyRing.seal(journals[of].use, text, hash).toString("base64") }];
      });
    if (lacking.length > 0) await journal.add(...lacking);
  }
  return countsOf(lines);
};

/** Drops the lines here once the base has them: only where they are those of that fingerprint, and none came since. */
export const forgetJournal = async (place: JournalPlace, fingerprint: string): Promise<JournalCounts> => {
  const counts = countsOf(await linesAt(place));
  if (counts.fingerprint !== fingerprint)
    throw new SetupProblem(
      "other-lines",
      "What is noted here is not what that fingerprint is of: more was noted since.",
      "pack it again, take that at the base, and give the fingerprint that was printed there.",
    );
  for (const of of kinds) await journalOf(place, of).drain(async () => {});
  return counts;
};

const linesOf = async (file: Uint8Array, passphrase: string, trust: string): Promise<Line[]> => {
  const age = new Decrypter();
  age.addPassphrase(passphrase);
  const plain = await age.decrypt(file).catch(() => {
    throw noJournal("It does not open: it was changed, or the passphrase is another.");
  });
  try {
    const [first, ...rest] = Buffer.from(plain).toString().trimEnd().split("\n");
    if (head.parse(JSON.parse(first!)).trust !== trust) throw noJournal("It is another trust's.");
    const lines = rest.map((text) => line.parse(JSON.parse(text)));
    for (const { of, text } of lines) of === "access" ? JSON.parse(text) : readOpening(text);
    return lines;
  } catch (error) {
    throw error instanceof SetupProblem ? error : noJournal("What is in it is no journal that this version knows.");
  }
};

const noJournal = (why: string): SetupProblem =>
  new SetupProblem(
    "no-journal",
    why,
    "take the file and the passphrase that `holdfast journal pack` wrote at the standby.",
  );

import { Decrypter, Encrypter } from "age-encryption";
import * as z from "zod/mini";
import { instant, uuid } from "#domain/entry/entry.ts";
import { SetupProblem } from "../config.ts";
import { readOpening } from "../identity/sealed-openings.ts";

/**
 * The file in which a standby's journal is carried: an age file under a passphrase. A JSON line that says what it is, and one for each noted
 * line. It is believed as the standby is: whoever has the passphrase could have written it.
 */

const head = z.object({ format: z.literal("holdfast journal 1"), trust: z.string() });
const line = z.object({ of: z.enum(["access", "opening"]), text: z.string() });
export type JournalLine = z.infer<typeof line>;

const time = instant.check(z.refine((text) => !Number.isNaN(Date.parse(text))));
const words = z.string().check(z.maxLength(10_000));
/** As a standby notes it; anything else the log might not take, and it would hold the others up. */
const notedAccess = z.strictObject({
  deviceId: z.optional(uuid),
  person: z.optional(
    z.strictObject({ userId: words, name: words, roles: z.array(words), strength: z.optional(words) }),
  ),
  sessionId: z.optional(uuid),
  zone: z.string().check(z.regex(/^[a-z]{1,20}$/)),
  action: z.string().check(z.regex(/^[a-z][a-z-]{0,39}$/)),
  purpose: words,
  relation: words,
  recordIds: z.array(uuid).check(z.maxLength(100_000)),
  reason: z.optional(words),
  detail: z.optional(z.string()),
  offline: z.optional(z.strictObject({ id: uuid, at: time })),
  notedAt: time,
  salt: z.string().check(z.regex(/^[0-9a-f]{32}$/)),
});

/** `lines`: each a text that `journalLine` made. */
export const sealJournal = async (trust: string, lines: readonly Buffer[], passphrase: string): Promise<Uint8Array> => {
  const about: z.infer<typeof head> = { format: "holdfast journal 1", trust };
  const age = new Encrypter();
  age.setPassphrase(passphrase);
  return age.encrypt(Buffer.concat([Buffer.from(`${JSON.stringify(about)}\n`), ...lines]));
};
export const journalLine = (line: JournalLine): Buffer => Buffer.from(`${JSON.stringify(line)}\n`);

/** Its bytes, opened. Throws SetupProblem where they were changed, or the passphrase is another. */
export const openJournal = async (file: Uint8Array, passphrase: string): Promise<Buffer> => {
  const age = new Decrypter();
  age.addPassphrase(passphrase);
  try {
    return Buffer.from(await age.decrypt(file));
  } catch {
    throw noJournal("It does not open: it was changed, or the passphrase is another.");
  }
};

/** In order; undefined for a line that no standby of this version notes. */
export function* linesOf(plain: Buffer, trust: string): Generator<JournalLine | undefined> {
  const all = textsIn(plain);
  const first = all.next().value as string | undefined;
  const about = first === undefined ? undefined : head.safeParse(jsonOf(first));
  if (!about?.success) throw noJournal("What is in it is no journal that this version knows.");
  if (about.data.trust !== trust) throw noJournal("It is another trust's.");
  for (const text of all) yield lineOf(text);
}

const lineOf = (text: string): JournalLine | undefined => {
  const read = line.safeParse(jsonOf(text));
  if (!read.success) return undefined;
  // PostgreSQL's text cannot hold it.
  if (read.data.text.includes("\\u0000")) return undefined;
  const isSound =
    read.data.of === "access" ? notedAccess.safeParse(jsonOf(read.data.text)).success : isOpening(read.data.text);
  return isSound ? read.data : undefined;
};

const isOpening = (text: string): boolean => {
  try {
    return time.safeParse(readOpening(text).openedAt).success;
  } catch {
    return false;
  }
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

function* textsIn(plain: Buffer): Generator<string> {
  for (let start = 0; start < plain.length; ) {
    const next = plain.indexOf(10, start);
    const end = next < 0 ? plain.length : next;
    yield plain.toString("utf8", start, end);
    start = end + 1;
  }
}

const noJournal = (why: string): SetupProblem =>
  new SetupProblem(
    "no-journal",
    why,
    "take the file and passphrase that `holdfast journal pack` wrote at the standby.",
  );

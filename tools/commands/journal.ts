import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import pg from "pg";
import { readConfig, SetupProblem } from "#server/config.ts";
import { createKeyRing } from "#server/sealing/key-ring.ts";
import { claimKeys } from "#server/sealing/keys-in-use.ts";
import { fileTrustKey, keyFiles } from "#server/sealing/trust-key.ts";
import { existingSecret } from "#server/secrets.ts";
import {
  forgetJournal,
  type JournalCounts,
  type JournalPlace,
  packJournal,
  type TakenJournal,
  takeJournal,
} from "#server/standby/journal-pack.ts";
import { trusts } from "#server/trusts.ts";
import type { Command } from "../holdfast.ts";
import { withTrust } from "./with-trust.ts";

export const journalCommand: Command = {
  summary: "carries what a standby noted of accesses to a base that came back",
  help: `holdfast journal pack   --trust TRUST --file FILE --passphrase FILE [--json]   at the standby
holdfast journal take   --trust TRUST --file FILE --passphrase FILE [--json]   at the base, stopped
holdfast journal forget --trust TRUST --fingerprint HEX [--json]               at the standby, stopped

Who read and opened what at a standby is noted there, and goes into the log when the standby becomes the base. If the base comes back
instead, nothing leads from one to the other: pack it at the standby, carry the file to the base, and take it there. The base's next start
puts it into the access log, and openings before their reviewers; none twice, however often it is taken.

  --file          what is carried: encrypted with the passphrase (age-encryption.org)
  --passphrase    a file with it. \`pack\` makes one where there is none; let it go another way than the pack
  --fingerprint   printed by both ends. \`forget\` drops the standby's lines, and only if they are those. Do it once \`take\`, run again
                  after the base's next start, says that the log has all of them
  --json          prints the counts as one JSON line

Exit codes: 0 done; 1 failed, or some line could not be read; 2 wrongly called; 3 something to put right first, such as zones that run.
Settings: HOLDFAST_DATA, DATABASE_URL (see \`holdfast serve --help\`).`,
  run: async (args) => {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        trust: { type: "string" },
        file: { type: "string" },
        passphrase: { type: "string" },
        fingerprint: { type: "string" },
        json: { type: "boolean" },
      },
    });
    const [verb = ""] = positionals;
    const { trust, file, passphrase, fingerprint } = values;
    const isCarried = file !== undefined && passphrase !== undefined;
    const isWhole = verb === "forget" ? fingerprint !== undefined : ["pack", "take"].includes(verb) && isCarried;
    if (trust === undefined || positionals.length !== 1 || !isWhole) {
      console.error(`Say what to do, and of which trust.\n\n${journalCommand.help}`);
      return 2;
    }
    if (!trusts.some((each) => each.trust === trust)) {
      console.error(`There is no trust "${trust}". Choose from ${trusts.map((each) => each.trust).join(", ")}.`);
      return 2;
    }
    const counts =
      verb === "pack"
        ? await pack(trust, file!, passphrase!)
        : await whileStopped(trust, verb === "take" ? "base" : "standby", (place, owner) =>
            verb === "forget"
              ? forgetJournal(place, fingerprint!)
              : takeJournal(place, owner, bytesOf(file!), existingPassphrase(passphrase!)),
          );
    if (values.json) console.log(JSON.stringify(counts));
    else console.log(wordsOf(verb, counts));
    return counts.unreadable > 0 ? 1 : 0;
  },
};

/** Beside the running standby: its keys and files are all it takes. */
const pack = async (trust: string, file: string, passphrase: string): Promise<JournalCounts> => {
  const { dataDirectory } = readConfig(process.env);
  existingSecret(keyFiles(dataDirectory, trust).root, "set HOLDFAST_DATA to what the standby runs with.");
  if (existsSync(file)) throw noFile(`${file} is there already.`, "name another: it may not have been taken yet.");
  const keyRing = createKeyRing(fileTrustKey(dataDirectory, trust));
  const words = existsSync(passphrase) ? existingPassphrase(passphrase) : newPassphrase(passphrase);
  const packed = await packJournal({ dataDirectory, trust, keyRing }, words);
  writeWhole(file, packed.file);
  return packed.counts;
};

const noFile = (why: string, todo: string): SetupProblem => new SetupProblem("no-file", why, todo);

/** A part of it never has its name. */
const writeWhole = (file: string, bytes: Uint8Array): void => {
  const draft = `${file}.part`;
  try {
    writeFileSync(draft, bytes, { mode: 0o600, flush: true });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw noFile((error as Error).message, "name a folder that is there, and has room.");
  }
};

const passphraseMin = 20;
const newPassphrase = (path: string): string => {
  const words = randomBytes(20)
    .toString("hex")
    .replace(/(.{5})(?=.)/g, "$1-");
  writeWhole(path, Buffer.from(`${words}\n`));
  return words;
};
const existingPassphrase = (path: string): string => {
  const words = Buffer.from(bytesOf(path)).toString().trim();
  if (words.length >= passphraseMin) return words;
  throw noFile(`${path} holds no passphrase of ${passphraseMin} characters.`, "name the file that `pack` has made.");
};

const bytesOf = (file: string): Uint8Array => {
  try {
    return readFileSync(file);
  } catch (error) {
    throw noFile((error as Error).message, "name the file that `pack` has written.");
  }
};

type Work<T> = (place: JournalPlace, owner: pg.Client) => Promise<T>;

/** A server that runs hands its journal over, and must not do so in the midst of this. */
const whileStopped = <T>(trust: string, mode: "base" | "standby", work: Work<T>): Promise<T> =>
  withTrust(trust, async ({ config: { dataDirectory }, keyRing, url }) => {
    const client = new pg.Client({ connectionString: url("owner"), application_name: "holdfast journal" });
    await client.connect();
    try {
      // Held until the connection ends; every zone of a running server holds a share of it.
      if (!(await claimKeys(client)))
        throw new SetupProblem(
          "zones-running",
          `A server of ${trust} is running here.`,
          "stop it, run this again, and start it afterwards; tablets go on by themselves meanwhile.",
        );
      const { rows } = await client.query<{ mode: string }>("SELECT mode FROM life");
      if (rows[0]?.mode !== mode)
        throw new SetupProblem(
          "other-end",
          `The data in ${dataDirectory} is not a ${mode}'s.`,
          "take at the base, and forget at the standby: set HOLDFAST_DATA to that one's.",
        );
      return await work({ dataDirectory, trust, keyRing }, client);
    } finally {
      await client.end();
    }
  });

const done: Record<string, string> = { pack: "Packed", take: "Taken", forget: "Forgotten" };
const wordsOf = (verb: string, counts: JournalCounts | TakenJournal): string => {
  const { accesses, openings, fingerprint, unreadable } = counts;
  const inLog = "inLog" in counts ? counts.inLog : 0;
  const isInLog = inLog === accesses + openings && unreadable === 0;
  return [
    `${done[verb]}: ${accesses} accesses, ${openings} openings of sealed accounts. Fingerprint ${fingerprint}`,
    ...(unreadable > 0 ? [`${unreadable} lines cannot be read, and are not among them.`] : []),
    ...(verb === "take" && isInLog ? ["The log has all of them: the standby may forget them."] : []),
    ...(verb === "take" && !isInLog ? ["Start the server now: it puts them into the log."] : []),
  ].join("\n");
};

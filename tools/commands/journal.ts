import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import pg from "pg";
import { readConfig, SetupProblem } from "#server/config.ts";
import { createKeyRing } from "#server/sealing/key-ring.ts";
import { claimKeys } from "#server/sealing/keys-in-use.ts";
import { fileTrustKey, keyFiles } from "#server/sealing/trust-key.ts";
import { existingSecret, secretFile } from "#server/secrets.ts";
import {
  forgetJournal,
  type JournalCounts,
  type JournalPlace,
  packJournal,
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
  --fingerprint   printed by both ends. \`forget\` drops the standby's lines, and only if they are those
  --json          prints the counts as one JSON line

Exit codes: 0 done; 1 failed; 2 wrongly called; 3 something to put right first, such as zones that run.
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
        : await whileStopped(trust, (place) =>
            verb === "forget"
              ? forgetJournal(place, fingerprint!)
              : takeJournal(place, bytesOf(file!), existingSecret(passphrase!, "name the file that `pack` has made.")),
          );
    if (values.json) console.log(JSON.stringify(counts));
    else console.log(wordsOf(verb, counts));
    return 0;
  },
};

/** Beside the running standby: its keys and files are all it takes. */
const pack = async (trust: string, file: string, passphrase: string): Promise<JournalCounts> => {
  const { dataDirectory } = readConfig(process.env);
  const noTrust = "set HOLDFAST_DATA to what the standby runs with.";
  existingSecret(keyFiles(dataDirectory, trust).root, noTrust);
  const keyRing = createKeyRing(fileTrustKey(dataDirectory, trust));
  const packed = await packJournal({ dataDirectory, trust, keyRing }, secretFile(passphrase));
  try {
    writeFileSync(file, packed.file, { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw new SetupProblem(
      "no-file",
      (error as Error).message,
      "name a file that is not there yet, in a folder that is.",
    );
  }
  return packed.counts;
};

const bytesOf = (file: string): Uint8Array => {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new SetupProblem("no-file", (error as Error).message, "name the file that `pack` has written.");
  }
};

/** A server that runs hands its journal over, and must not do so in the midst of this. */
const whileStopped = (trust: string, work: (place: JournalPlace) => Promise<JournalCounts>): Promise<JournalCounts> =>
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
      return await work({ dataDirectory, trust, keyRing });
    } finally {
      await client.end();
    }
  });

const done: Record<string, string> = { pack: "Packed", take: "Taken", forget: "Forgotten" };
const wordsOf = (verb: string, { accesses, openings, fingerprint }: JournalCounts): string =>
  [
    `${done[verb]}: ${accesses} accesses, ${openings} openings of sealed accounts. Fingerprint ${fingerprint}`,
    ...(verb === "take" ? ["Start the server now: it puts them into the log."] : []),
  ].join("\n");

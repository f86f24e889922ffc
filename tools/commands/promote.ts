import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { logNames } from "#defence/log/line.ts";
import { letterboxClient } from "#server/archive/letterbox-client.ts";
import { readFirstLogKeys } from "#server/archive/log-key.ts";
import { readConfig, SetupProblem } from "#server/config.ts";
import { readOfficerKey, readOfficers } from "#server/epochs/officers.ts";
import {
  BadOpening,
  type Opening,
  readOpening,
  type SignedOpening,
  signedOpening,
  withSignature,
} from "#server/epochs/opening.ts";
import { type PromotionParts, prepareOpening, promote } from "#server/epochs/promote.ts";
import { openWitnesses } from "#server/heads/witness-client.ts";
import { existingSecret } from "#server/secrets.ts";
import { trusts } from "#server/trusts.ts";
import type { Command } from "../holdfast.ts";
import { leftOutText } from "./left-out-text.ts";
import { withTrust } from "./with-trust.ts";

export const promoteCommand: Command = {
  summary: "makes a standby, or a restored server, the trust's base, by two officers' signatures",
  help: `holdfast promote prepare --trust <northmoor|westvale> --opening FILE [--json]
holdfast promote sign --opening FILE --key FILE
holdfast promote carry-out --trust <northmoor|westvale> --opening FILE [--json]

Three steps. \`prepare\`, on the standby (it may run meanwhile) or on the restored server, writes what the officers are to sign: that this
server gives the places in the trust's log from now on, after which line of each log, under which root. \`sign\`, on each of two
officers' own machines, shows what it says and adds a signature; it needs no network. \`carry-out\`, where it was prepared, opens the
epoch at the letterbox, which then takes from this server alone, and in this server's log; a standby that runs starts again as the base
and gives what it held its places. Interrupted, it goes on when it is run again.

Do this when the base is gone for good, or is not to be trusted: whatever it writes after that line is of no epoch, and it is read for
forensics alone. Tablets and screens move by themselves, and bring what was acknowledged and is not in the archive.

  --opening  the file that goes from one to the next
  --key      an officer's key, <trust>.officer-<n>.key
  --json     prints the result as one JSON line

Exit codes: 0 done; 1 the opening is not good; 2 wrongly called; 3 something to put right first.
Settings: HOLDFAST_DATA, DATABASE_URL, HOLDFAST_LETTERBOX, HOLDFAST_WITNESSES (see \`holdfast serve --help\`).`,
  run: async (args) => {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        trust: { type: "string" },
        opening: { type: "string" },
        key: { type: "string" },
        json: { type: "boolean" },
      },
    });
    const [step] = positionals;
    const { opening: path, key, json = false } = values;
    const trust = trusts.find((each) => each.trust === values.trust)?.trust;
    try {
      if (step === "sign" && path !== undefined && key !== undefined) return sign(path, key);
      if (step === "prepare" && trust !== undefined && path !== undefined) return await prepare(trust, path, json);
      if (step === "carry-out" && trust !== undefined && path !== undefined) return await carryOut(trust, path, json);
    } catch (error) {
      if (!(error instanceof BadOpening)) throw error;
      console.error(`holdfast promote: ${error.message}`);
      return 1;
    }
    console.error("Say which step, and what it needs: `holdfast promote --help` says how.");
    return 2;
  },
};

const prepare = (trust: string, path: string, json: boolean): Promise<number> =>
  withParts(trust, async (parts) => {
    const { opening, leftOut, leftOutChanges } = await prepareOpening(parts);
    write(path, opening);
    const says = readOpening(opening);
    if (!json) for (const line of leftOutText(leftOutChanges)) console.error(line);
    if (json) console.log(JSON.stringify({ ...says, leftOut, leftOutChanges }));
    else console.log(`${textOf(says)}\nTwo officers sign it now: holdfast promote sign --opening ${path} --key FILE`);
    const lines = logNames.reduce((sum, log) => sum + leftOut[log], 0);
    if (lines > 0)
      console.error(
        `${lines} later lines of the archive are left out. Without intending that, wait until the standby has them.`,
      );
    return 0;
  });

const sign = (path: string, keyPath: string): number => {
  const opening = read(path);
  console.log(textOf(readOpening(opening)));
  const signed = withSignature(opening, readOfficerKey(keyPath));
  write(path, signed);
  console.log(`Signed; ${signed.signatures.length} of 2 needed.`);
  return 0;
};

const carryOut = (trust: string, path: string, json: boolean): Promise<number> =>
  withParts(trust, async (parts) => {
    const signed = read(path);
    const says = await promote(parts, signed);
    const notTold = await tellWitnesses(signed);
    if (json) console.log(JSON.stringify({ ...says, notTold }));
    else console.log(`Done: this server is the base of ${trust}, in epoch ${says.epoch}.`);
    for (const witness of notTold)
      console.error(
        `The witness ${witness} was not told and co-signs nothing until it is: run this again when it answers.`,
      );
    return 0;
  });

/** Resolves to the names of those that could not be told. */
const tellWitnesses = async (signed: SignedOpening): Promise<string[]> => {
  const witnesses = openWitnesses(readConfig(process.env).witnesses);
  const told = await Promise.allSettled(witnesses.map((witness) => witness.openEpoch(signed)));
  return witnesses.filter((_, i) => told[i]!.status === "rejected").map(({ key }) => key.name);
};

const withParts = (trust: string, work: (parts: PromotionParts) => Promise<number>): Promise<number> => {
  const { letterbox: address, dataDirectory } = readConfig(process.env);
  if (address === undefined)
    throw new SetupProblem("no-letterbox", "No letterbox is set.", "set HOLDFAST_LETTERBOX to its address.");
  const letterbox = letterboxClient(address, existingSecret(`${dataDirectory}/secrets/letterbox`));
  const officers = readOfficers(dataDirectory, trust);
  const identity = join(dataDirectory, "keys", `${trust}.identity`);
  const archive = existsSync(identity)
    ? { identity: existingSecret(identity), logKeys: readFirstLogKeys(dataDirectory, trust) }
    : undefined;
  return withTrust(trust, ({ keyRing, url }) =>
    work({ trust, url: url("owner"), dataDirectory, keyRing, letterbox, officers, ...(archive && { archive }) }),
  );
};

const read = (path: string): SignedOpening => {
  try {
    return signedOpening.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    throw new BadOpening(`${path} is no opening of an epoch.`);
  }
};
const write = (path: string, opening: SignedOpening): void => writeFileSync(path, `${JSON.stringify(opening)}\n`);

const textOf = ({ trust, epoch, adopted, made, logKey }: Opening): string =>
  [
    `${trust}: epoch ${epoch} begins, prepared ${made}, on the server with the log key ${logKey}.`,
    ...logNames.map((log) => `  ${log}: goes on after line ${adopted[log].position}, root ${adopted[log].root}`),
    "What any other server writes after those lines is of no epoch.",
  ].join("\n");

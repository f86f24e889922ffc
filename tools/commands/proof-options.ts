import { dirname } from "node:path";
import { logKeyOf } from "#server/archive/log-key.ts";
import { readOfficers, signersOf } from "#server/epochs/officers.ts";
import { witnessClient } from "#server/heads/witness-client.ts";
import { witnessedHeads } from "#server/verify/open-prover.ts";
import type { ProofParts } from "#server/verify/verify.ts";
import { identityOf, readerOf, readText } from "./archive-options.ts";
import type { OpenTrust } from "./with-trust.ts";

/** What says against what a trust's logs are proved. */
export const proofOptions = {
  letterbox: { type: "string" },
  secret: { type: "string" },
  segments: { type: "string" },
  share: { type: "string", multiple: true },
  identity: { type: "string" },
  "log-key": { type: "string" },
} as const;

export interface ProofValues {
  letterbox?: string;
  secret?: string;
  segments?: string;
  share?: string[];
  identity?: string;
  "log-key"?: string;
}

/** Whether nothing is named twice or by half. */
export const isClear = (values: ProofValues): boolean =>
  (values.letterbox === undefined || values.secret !== undefined) &&
  (values.share === undefined || values.identity === undefined);

/** Throws SetupProblem for a file that cannot be read and for shares that do not fit together. */
export const proofParts = async (
  trust: string,
  values: ProofValues,
  { config, keyRing }: OpenTrust,
): Promise<ProofParts> => {
  const letterbox = readerOf(values);
  const identity = await identityOf(values);
  const file = values["log-key"];
  // The list of officers lies beside the log key.
  const signers =
    file === undefined
      ? signersOf(config.dataDirectory, trust, keyRing)
      : { logKeys: readText(file).trim().split("\n").map(logKeyOf), officers: readOfficers(dirname(file), trust) };
  return {
    trust,
    keyRing,
    ...signers,
    witnesses: config.witnesses.map((setting) => witnessClient(setting).key),
    moreHeads: await witnessedHeads(config.witnesses),
    ...(letterbox && { letterbox }),
    ...(identity !== undefined && { identity }),
  };
};

import * as z from "zod/mini";

/**
 * What can be wrong with a log. `changed`, `removed`, `added`, `reordered`: lines, against what was proved of them. `rewritten`: one or
 * several of these, which only the archive can tell apart. `rolled-back`: a longer log was proved. `split-view`: two heads of one size.
 * `other-signer`: a head that no log key signed. `missing`: a device has signed an entry that is not there.
 */
export const proofKinds = [
  "changed",
  "removed",
  "added",
  "reordered",
  "rewritten",
  "rolled-back",
  "split-view",
  "other-signer",
  "missing",
] as const;
export type ProofKind = (typeof proofKinds)[number];

export const proofProblem = z.object({
  kind: z.enum(proofKinds),
  /** Positions, both included; null where no line is meant. */
  from: z.nullable(z.int()),
  to: z.nullable(z.int()),
  /** Of no patient. */
  words: z.string(),
});
export type ProofProblem = z.infer<typeof proofProblem>;

export const provedLog = z.object({
  log: z.enum(["care", "access", "control"]),
  lines: z.int(),
  /** The last head that the log agrees with, before anything wrong: its size, and when a witness saw it. */
  provenTo: z.int(),
  provenAt: z.nullable(z.iso.datetime()),
  /** Whether a witness signed that head, or the base alone. */
  cosigned: z.boolean(),
  /** Everything up to this line is as it was written. */
  cleanLine: z.int(),
  problems: z.array(proofProblem),
  problemCount: z.int(),
  /** Records with a line in what is wrong: the first of them, and how many. */
  records: z.array(z.string()),
  recordCount: z.int(),
});
export type ProvedLog = z.infer<typeof provedLog>;

export const proofResult = z.object({
  good: z.boolean(),
  ranAt: z.iso.datetime(),
  seconds: z.number(),
  /** Whether it was compared with the archive's lines too, which whoever holds no archive identity cannot. */
  againstArchive: z.boolean(),
  logs: z.array(provedLog),
});
export type ProofResult = z.infer<typeof proofResult>;

/** `GET /control/v1/proof`: the last time that this server compared its logs with what was proved of them. */
export const proofResponse = z.object({
  latest: z.optional(proofResult),
  /** Whether this trust's heads are co-signed by anybody. */
  witnesses: z.int(),
  /** Whether one runs now; `POST /control/v1/proof` begins one, and answers at once. */
  running: z.boolean(),
  /** Whether this server can: one that seals into no archive has nothing to compare with. */
  able: z.boolean(),
});
export type ProofResponse = z.infer<typeof proofResponse>;

import type { LogName } from "#defence/log/line.ts";
import type { ProofResult } from "#protocol/control/proof.ts";
import type { RestoreProof } from "./restore-proof.ts";

/** What an assessor has to ask about before the rest is believed. */
export interface Finding {
  code:
    | "not-as-written"
    | "unreadable-lines"
    | "not-proved-yet"
    | "no-witness"
    | "no-archive"
    | "archive-not-read"
    | "weak-setting"
    | "restore-not-whole"
    | "no-restore-proof";
  log?: LogName;
  /** Positions, both included. */
  from?: number;
  to?: number;
  words: string;
}

export const findingsOf = (about: {
  proof: Pick<ProofResult, "logs" | "againstArchive">;
  /** Lines of the timeline with a fault. */
  damaged: number;
  hasArchive: boolean;
  weakSettings: readonly string[];
  restored: RestoreProof | undefined;
}): Finding[] => {
  const { proof, damaged, hasArchive, weakSettings, restored } = about;
  const found: Finding[] = proof.logs.flatMap(({ log, lines, provenTo, cosigned, problems }): Finding[] => [
    ...problems.map(({ kind, from, to, words }): Finding => {
      const place = { ...(from !== null && { from }), ...(to !== null && { to }) };
      return { code: "not-as-written", log, ...place, words: `${kind}: ${words}` };
    }),
    ...(provenTo < lines
      ? [
          {
            code: "not-proved-yet",
            log,
            from: provenTo + 1,
            to: lines,
            words: "No good head covers these lines.",
          } as const,
        ]
      : []),
    ...(cosigned ? [] : [{ code: "no-witness", log, words: "The last good head is the base's word alone." } as const]),
  ]);
  if (damaged > 0)
    found.push({ code: "unreadable-lines", words: `${damaged} lines of the timeline are not as they were stored.` });
  if (!hasArchive) found.push({ code: "no-archive", words: "No archive was asked for the heads that it holds." });
  if (!proof.againstArchive)
    found.push({ code: "archive-not-read", words: "The archive's lines were not compared: no identity opened them." });
  for (const id of weakSettings)
    found.push({ code: "weak-setting", words: `The setting ${id} is weaker than advised.` });
  if (restored === undefined) found.push({ code: "no-restore-proof", words: "No proof of a restore was handed over." });
  else if (!isWhole(restored))
    found.push({ code: "restore-not-whole", words: "The restore took less than the archive was to hold." });
  return found;
};

const isWhole = ({ logs, failed, blobs }: RestoreProof): boolean =>
  failed === 0 &&
  blobs.altered.length === 0 &&
  blobs.missing.length === 0 &&
  logs.every(({ broken }) => broken === undefined);

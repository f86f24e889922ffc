import type { ProofResult } from "#protocol/control/proof.ts";

/** The last state that is known to be as it was written. */
export interface CleanPoint {
  /** When all three logs were; null where that is known of none of them. ISO 8601 in UTC. */
  at: string | null;
  logs: { log: string; provenTo: number; provenAt: string | null; cosigned: boolean; cleanLine: number }[];
}

/** A log that nothing is wrong with is as it was at any time; of the others the earliest good head counts. */
export const cleanPointOf = ({ logs }: Pick<ProofResult, "logs">): CleanPoint => {
  const wrong = logs.filter(({ problemCount }) => problemCount > 0);
  const times = (wrong.length > 0 ? wrong : logs).map(({ provenAt }) => provenAt ?? "");
  return {
    at: times.sort()[0] || null,
    logs: logs.map(({ log, provenTo, provenAt, cosigned, cleanLine }) => ({
      log,
      provenTo,
      provenAt,
      cosigned,
      cleanLine,
    })),
  };
};

import { ProblemError } from "../http/problem-error.ts";
import type { ControlLog } from "../logs/control-log.ts";

const standbyCode = "standby";

/** A standby's: it reads what the base wrote, and decides nothing. */
export const readOnlyControlLog = (log: ControlLog): ControlLog => ({
  ...log,
  append: async () => {
    throw new ProblemError(
      503,
      standbyCode,
      "This is the standby: people, devices and settings stay as they are.",
      "It is done at the base. Care is written, read and handed over here meanwhile.",
    );
  },
});

/** Passes over a standby's refusal to append: for what is worth noting at a base alone. Throws anything else. */
export const unlessStandby = (error: unknown): void => {
  if (!(error instanceof ProblemError) || error.problem.code !== standbyCode) throw error;
};

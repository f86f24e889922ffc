import { SetupProblem } from "#server/config.ts";

/** An option's number. Throws SetupProblem for one that is none, or out of bounds. */
export const wholeNumber = (text: string | undefined, fallback: number, least: number, most: number): number => {
  const value = text === undefined ? fallback : Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new SetupProblem("bad-option", `"${text}" is no whole number from ${least} to ${most}.`, "correct it.");
};

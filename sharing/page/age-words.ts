import { minutesBetween } from "#domain/entry/clock.ts";

/** `12 min before printing`; a time after printing is said to be so, because one of two clocks is wrong. */
export const ageWords = (at: string, now: string): string => {
  const minutes = minutesBetween(at, now);
  if (minutes < 0) return "after printing: check the clocks";
  if (minutes < 120) return `${minutes} min before printing`;
  return `${Math.floor(minutes / 60)} h before printing`;
};

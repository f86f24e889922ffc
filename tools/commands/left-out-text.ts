import type { LeftOutChange } from "#server/epochs/left-out.ts";

/** What a command prints of them: the desk lists all. */
const shownMax = 50;

/** Changes of people, devices and settings that did not happen, a line each, by ids and codes. */
export const leftOutText = (changes: readonly LeftOutChange[]): string[] => [
  ...(changes.length > 0 ? [`  ${changes.length} changes of the control log did not happen, for review:`] : []),
  ...changes.slice(0, shownMax).map(({ position, received, kind, id, by }) => {
    const what = kind === "" ? "a line that cannot be read" : `${kind} ${id}`;
    return `    line ${position}, ${received}: ${what}, by ${by.userId ?? by.deviceId ?? "the server"}`;
  }),
  ...(changes.length > shownMax ? [`    and ${changes.length - shownMax} more, which the desk lists`] : []),
];

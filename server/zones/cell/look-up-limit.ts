/** Look-ups of one person, on whatever device: more than a shift's worst ten minutes, far fewer than it takes to try birth dates. */
const lookUpsMax = 12;
const windowMs = 10 * 60_000;
const peopleMax = 20_000;

/** Counts look-ups by person. */
export interface LookUpLimit {
  /** 0: go on, this one is counted. Else how long to wait, ms. */
  waitMs(person: string, nowMs: number): number;
}

export const createLookUpLimit = (): LookUpLimit => {
  const made = new Map<string, number[]>();
  return {
    waitMs: (person, nowMs) => {
      const recent = (made.get(person) ?? []).filter((atMs) => nowMs - atMs < windowMs);
      made.delete(person);
      if (made.size >= peopleMax) made.delete(made.keys().next().value!);
      if (recent.length < lookUpsMax) recent.push(nowMs);
      else {
        made.set(person, recent);
        return recent[0]! + windowMs - nowMs;
      }
      made.set(person, recent);
      return 0;
    },
  };
};

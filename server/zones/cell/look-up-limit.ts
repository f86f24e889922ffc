/** Look-ups of one person, on whatever device: more than a shift's worst ten minutes, far fewer than it takes to try birth dates. */
const lookUpsMax = 12;
const windowMs = 10 * 60_000;
const peopleMax = 20_000;

/** Counts by person what is done past the usual rules: look-ups, and openings. */
export interface LookUpLimit {
  /** 0: go on, this one is counted. Else how long to wait, ms. `recordId`: one record counts once, however often it is asked for. */
  waitMs(person: string, nowMs: number, recordId?: string): number;
}

export const createLookUpLimit = (): LookUpLimit => {
  const made = new Map<string, { atMs: number; recordId: string | undefined }[]>();
  return {
    waitMs: (person, nowMs, recordId) => {
      const recent = (made.get(person) ?? []).filter(({ atMs }) => nowMs - atMs < windowMs);
      made.delete(person);
      if (made.size >= peopleMax) made.delete(made.keys().next().value!);
      made.set(person, recent);
      if (recordId !== undefined && recent.some((one) => one.recordId === recordId)) return 0;
      if (recent.length >= lookUpsMax) return recent[0]!.atMs + windowMs - nowMs;
      recent.push({ atMs: nowMs, recordId });
      return 0;
    },
  };
};

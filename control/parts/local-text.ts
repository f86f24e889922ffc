/** What a `datetime-local` field holds: the time here, to the minute. */
export const localText = (ms: number): string => {
  const here = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return here.toISOString().slice(0, 16);
};

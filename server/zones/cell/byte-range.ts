/** One `Range: bytes=…` of a whole of that many bytes. No header, or one we do not read, is the whole; null is unsatisfiable. */
export const rangeOf = (
  header: string | undefined,
  bytes: number,
): { from: number; to: number; isPart: boolean } | null => {
  const whole = { from: 0, to: bytes - 1, isPart: false };
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "");
  if (!match) return whole;
  const [, first, last] = match;
  if (first === "" && last === "") return whole;
  const from = first === "" ? Math.max(0, bytes - Number(last)) : Number(first);
  const to = first === "" || last === "" ? bytes - 1 : Math.min(Number(last), bytes - 1);
  return from > to || from >= bytes ? null : { from, to, isPart: true };
};

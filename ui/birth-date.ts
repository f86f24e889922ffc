/**
 * A date of birth as people type it, day first: `14 03 1954`, `14/3/1954`, `14031954`, or ISO `1954-03-14`. Gives the
 * ISO date, or undefined while it is not one. A browser's own date box shows the month first on many tablets: 03/04 is
 * then two dates.
 */
export const readBirthDate = (typed: string): string | undefined => {
  const iso = /^(\d{4})-(\d\d)-(\d\d)$/.exec(typed.trim());
  const dayFirst = /^(\d{1,2})[\s./-](\d{1,2})[\s./-](\d{4})$|^(\d\d)(\d\d)(\d{4})$/.exec(typed.trim());
  const [year, month, day] = iso
    ? [iso[1]!, iso[2]!, iso[3]!]
    : [
        dayFirst?.[3] ?? dayFirst?.[6] ?? "",
        dayFirst?.[2] ?? dayFirst?.[5] ?? "",
        dayFirst?.[1] ?? dayFirst?.[4] ?? "",
      ];
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const ms = Date.parse(`${date}T00:00:00Z`);
  // JavaScript rolls 30 February over; a date that changes on the way is none.
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date) ? date : undefined;
};

/** The day field's text for an instant at which a person ends; empty where there is none. */
export const dayOf = (endsAt: string | undefined): string => endsAt?.slice(0, 10) ?? "";

/**
 * When a person ends whose last day is `day`. A day that nobody changed keeps its instant: whoever was ended at noon is not let
 * in again until midnight because their name was corrected.
 */
export const endOf = (day: string, before: string | undefined): string | undefined => {
  if (day === dayOf(before)) return before;
  return day === "" ? undefined : `${day}T23:59:59.000Z`;
};

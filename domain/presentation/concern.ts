import type { CareRecord } from "../record.ts";

/** What the hospital reads first: from the pre-alert or the presentation, whichever was said last. */
export const concernOf = ({ prealert, presentation }: CareRecord): string => {
  const [alerted, presented] = [prealert?.body.concern, presentation?.body.concern];
  if (!alerted || !presented) return alerted || presented || "Concern not recorded";
  return prealert!.entry.occurredAt > presentation!.entry.occurredAt ? alerted : presented;
};

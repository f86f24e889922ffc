import type { Access } from "../logs/access-line.ts";

/** Somebody looked a patient up in the outage, and was refused, found nothing, or had no answer. */
export interface FailedLookUp {
  /** `access-`, epoch, position. */
  contactId: string;
  atMs: number;
  deviceId: string | undefined;
  recordIds: readonly string[];
}

/** Acts whose refusal means that a patient was looked for. A refusal's detail begins with the act that was asked for. */
const lookUps = new Set(["search", "read-record"]);

export const isFailedLookUp = ({ action, recordIds, detail = "" }: Access): boolean =>
  action === "find-unanswered" ||
  (action === "find" ? recordIds.length === 0 : action === "refused" && lookUps.has(detail.split(" ")[0]!));

/** A look-up and the contact that its device was writing belong together, if they are this near. */
const nearMs = 3_600_000;

/** The record that a look-up was for: the one it names, or what its device wrote nearest to it; undefined where neither is known. */
export const recordOf = (
  { recordIds, deviceId, atMs }: FailedLookUp,
  written: readonly { recordId: string; deviceId: string; atMs: number }[],
): string | undefined => {
  if (recordIds[0] !== undefined) return recordIds[0];
  const away = (at: number): number => Math.abs(at - atMs);
  const near = written.filter((each) => each.deviceId === deviceId && away(each.atMs) <= nearMs);
  return near.toSorted((a, b) => away(a.atMs) - away(b.atMs))[0]?.recordId;
};

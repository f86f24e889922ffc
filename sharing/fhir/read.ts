import type { LogLine } from "../log-line.ts";
import { candidatesFor, type RecordResource } from "./resources.ts";
import { type FhirContext, viewOf } from "./view.ts";

export const readableTypes = [
  "Composition",
  "Patient",
  "Encounter",
  "Practitioner",
  "Organization",
  "Device",
  "Observation",
  "MedicationAdministration",
  "AllergyIntolerance",
  "DocumentReference",
  "Provenance",
] as const;
export type ReadableType = (typeof readableTypes)[number];
export const isReadableType = (type: string): type is ReadableType =>
  (readableTypes as readonly string[]).includes(type);

/** A resource as it stands, or null. */
export const readResource = (
  lines: readonly LogLine[],
  type: ReadableType,
  id: string,
  context: FhirContext,
): RecordResource | null =>
  candidatesFor(viewOf(lines, context), type, id).find(
    (resource) => resource.resourceType === type && resource.id === id,
  ) ?? null;

/** Most versions that a history answers: each costs one fold of the record. */
const historyMax = 50;

/**
 * The versions of a resource, newest first: what the record said after each line that touched it. History is a replay of
 * the log and is stored nowhere.
 */
export const resourceHistory = (
  lines: readonly LogLine[],
  type: ReadableType,
  id: string,
  context: FhirContext,
): RecordResource[] => {
  const found: RecordResource[] = [];
  let upTo = Number.POSITIVE_INFINITY;
  while (found.length < historyMax) {
    const seen = lines.filter((line) => line.position <= upTo);
    const resource = seen.length > 0 && readResource(seen, type, id, context);
    if (!resource) break;
    found.push(resource);
    // Just before the line that made this version, the one before it stood.
    upTo = Number(resource.meta!.versionId) - 1;
  }
  return found;
};

/** One version by its id, or null. */
export const readVersion = (
  lines: readonly LogLine[],
  type: ReadableType,
  id: string,
  versionId: string,
  context: FhirContext,
): RecordResource | null => {
  if (!/^[1-9]\d{0,15}$/.test(versionId)) return null;
  const seen = lines.filter((line) => line.position <= Number(versionId));
  const resource = seen.length > 0 ? readResource(seen, type, id, context) : null;
  return resource?.meta?.versionId === versionId ? resource : null;
};

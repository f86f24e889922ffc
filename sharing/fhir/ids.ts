const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

/**
 * Every logical id begins with the UUID of a record or of an entry, so that a read finds its record by one look-up. What
 * comes of one entry has that of its first version: amended, it keeps its id.
 *
 * | resource                                                  | id                              |
 * | --------------------------------------------------------- | ------------------------------- |
 * | Patient, Encounter, Composition                           | record id                       |
 * | Practitioner, Organization, Device                        | record id, `-agent-`, hash      |
 * | Observation, AllergyIntolerance                           | entry id, `-` and the part      |
 * | MedicationAdministration                                  | entry id                        |
 * | DocumentReference, Binary                                 | entry id, `-file` and a number  |
 * | Provenance                                                | entry id, `-provenance`         |
 */
export const uuidOfId = (id: string): string | null => uuidPattern.exec(id)?.[0] ?? null;

/** FHIR's `id` type. */
export const isFhirId = (id: string): boolean => /^[A-Za-z0-9.-]{1,64}$/.test(id);

/** 64 bits of FNV-1a, hexadecimal: short, always the same, and not meant to resist anybody. */
export const shortHash = (text: string): string => {
  let hash = 0xcbf29ce484222325n;
  for (const character of text) hash = ((hash ^ BigInt(character.codePointAt(0)!)) * 0x100000001b3n) & (2n ** 64n - 1n);
  return hash.toString(16).padStart(16, "0");
};

import type { EntryOf } from "#domain/kinds.ts";
import { isDevice, performerReference } from "./agents.ts";
import { codes } from "./codes.ts";
import { shortHash } from "./ids.ts";
import { absentReason } from "./no.ts";
import { observationBase } from "./observation.ts";
import type { Parts } from "./parts.ts";
import type { AllergyIntolerance, CodeableConcept, Observation } from "./r4.ts";
import { metaOf, recordReference, text, type Versions, type View } from "./view.ts";
import { words } from "./words.ts";

/** The list as AllergyIntolerances; without an answer, an Observation that says why there is none (no.ts). */
export const allergyParts = (
  view: View,
  versions: Versions,
  known: EntryOf<"allergies">,
): Parts<AllergyIntolerance | Observation> => {
  const { allergies } = known.body;
  if ("is" in allergies)
    return new Map(
      allergies.is.map((allergy, at) => {
        // Named by substance, not by place in the list: an amended list must not turn one allergy into another.
        const hash = shortHash(allergy.substance.toLowerCase());
        const twice = allergies.is.findIndex(
          (other) => other.substance.toLowerCase() === allergy.substance.toLowerCase(),
        );
        const suffix = twice === at ? hash : `${hash}-${at}`;
        const substance = words(allergy.substance) ?? "Substance not written";
        const manifestation = words(allergy.reaction);
        const resource: AllergyIntolerance = {
          ...base(view, versions, known, suffix, text(substance)),
          ...((manifestation || allergy.severity) && {
            reaction: [
              {
                manifestation: [text(manifestation ?? "Reaction not stated")],
                ...(allergy.severity && { severity: allergy.severity }),
              },
            ],
          }),
        };
        return [suffix, resource];
      }),
    );
  if (allergies.no === "none") return new Map([["none", base(view, versions, known, "none", codes.noKnownAllergy)]]);
  const observation = observationBase(view, versions, "allergies", text("Allergies"), known.occurredAt, known.author);
  return new Map([["allergies", { ...observation, dataAbsentReason: absentReason(allergies.no) }]]);
};

const base = (
  view: View,
  versions: Versions,
  known: EntryOf<"allergies">,
  suffix: string,
  code: CodeableConcept,
): AllergyIntolerance => ({
  resourceType: "AllergyIntolerance",
  id: `${versions.id}-${suffix}`,
  meta: metaOf(view, versions.touchedBy, "UKCore-AllergyIntolerance"),
  clinicalStatus: status("allergyintolerance-clinical", "active"),
  // What the patient or a relative said; nobody tested it.
  verificationStatus: status("allergyintolerance-verification", "unconfirmed"),
  code,
  patient: recordReference(view, "Patient"),
  encounter: recordReference(view, "Encounter"),
  recordedDate: known.occurredAt,
  ...(!isDevice(known.author) && { recorder: performerReference(view, known.author) }),
});

/** FHIR's rule ait-2: what was entered in error has no clinical status. */
export const withdrawnAllergy = ({ clinicalStatus: _, ...resource }: AllergyIntolerance): AllergyIntolerance => ({
  ...resource,
  verificationStatus: status("allergyintolerance-verification", "entered-in-error"),
});

const status = (system: string, code: string): CodeableConcept => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
});

import { awaitsCoSign } from "#domain/co-signature/resolve.ts";
import { readBody } from "#domain/kinds.ts";
import { agentsOf } from "./agents.ts";
import { allergyParts, withdrawnAllergy } from "./allergy.ts";
import { compositionOf } from "./composition.ts";
import { documentsOf } from "./document.ts";
import { encounterOf } from "./encounter.ts";
import { medicationOf } from "./medication.ts";
import { news2Parts } from "./news2.ts";
import { vitalParts, withdrawnObservation } from "./observation.ts";
import { currentParts, type Parts } from "./parts.ts";
import { patientOf, patientParts } from "./patient.ts";
import { provenancesOf } from "./provenance.ts";
import type {
  AllergyIntolerance,
  Composition,
  Device,
  DocumentReference,
  Encounter,
  MedicationAdministration,
  Observation,
  Organization,
  Patient,
  Practitioner,
  Provenance,
  Reference,
} from "./r4.ts";
import { type Versions, type View, withAwaitedTag } from "./view.ts";

/** What one line of the record becomes, besides its narrative. */
export type LineResource = Observation | AllergyIntolerance | MedicationAdministration | DocumentReference;
export type RecordResource =
  | LineResource
  | Composition
  | Patient
  | Encounter
  | Practitioner
  | Organization
  | Device
  | Provenance;

/** Resources of a line and of all its earlier versions, in the state they are in now. */
export const lineResources = (view: View, versions: Versions): LineResource[] =>
  [...ofKind(view, versions), ...documentsOf(view, versions)].map((resource) =>
    withAwaitedTag(resource, awaitsCoSign(versions.line)),
  );

const ofKind = (view: View, versions: Versions): LineResource[] => {
  const known = readBody(versions.line.entry);
  switch (known?.kind) {
    case "observations":
    case "patient":
    case "allergies":
      return currentParts(versions, (version) => partsOf(view, versions, version), withdrawn);
    case "drug":
      return [medicationOf(view, versions, known)];
    default:
      return [];
  }
};

const partsOf = (
  view: View,
  versions: Versions,
  known: NonNullable<ReturnType<typeof readBody>>,
): Parts<Observation | AllergyIntolerance> => {
  if (known.kind === "patient") return patientParts(view, versions, known);
  if (known.kind === "allergies") return allergyParts(view, versions, known);
  if (known.kind !== "observations") return new Map();
  const vitals = vitalParts(view, versions, known);
  return new Map([...vitals, ...news2Parts(view, versions, known, vitals)]);
};

const withdrawn = (resource: Observation | AllergyIntolerance) =>
  resource.resourceType === "Observation" ? withdrawnObservation(resource) : withdrawnAllergy(resource);

/** Everything the record is in FHIR, as of the lines of the view. The Composition comes first. */
export const resourcesOf = (view: View): RecordResource[] => {
  const byLine = new Map(view.versions.map((versions) => [versions, lineResources(view, versions)]));
  return [
    compositionOf(view, byLine),
    patientOf(view),
    encounterOf(view),
    ...[...byLine.values()].flat(),
    ...merged([...byLine].flatMap(([versions, resources]) => provenancesOf(view, versions, resources))),
    ...agentsOf(view),
  ];
};

/** One entry touched several lines, as a co-signature does, or made two that stand side by side: one Provenance with all targets. */
const merged = (provenances: readonly Provenance[]): Provenance[] => {
  const byId = new Map<string, Provenance>();
  for (const one of provenances) {
    const other = byId.get(one.id!);
    byId.set(one.id!, other ? { ...other, target: uniqueTargets([...other.target, ...one.target]) } : one);
  }
  return [...byId.values()];
};

const uniqueTargets = (targets: readonly Reference[]): Reference[] => [
  ...new Map(targets.map((target) => [target.reference, target])).values(),
];

/** Those among which a resource of this type and id is, if there is one: a read by id makes no whole document. */
export const candidatesFor = (view: View, type: RecordResource["resourceType"], id: string): RecordResource[] => {
  switch (type) {
    case "Composition":
      return resourcesOf(view).slice(0, 1);
    case "Patient":
      return [patientOf(view)];
    case "Encounter":
      return [encounterOf(view)];
    case "Practitioner":
    case "Organization":
    case "Device":
      return agentsOf(view);
    case "Provenance":
      return merged(
        view.versions
          .filter(({ touchedBy }) => touchedBy.some((entry) => id.startsWith(entry.id)))
          .flatMap((versions) => provenancesOf(view, versions, lineResources(view, versions))),
      );
    default:
      return view.versions
        .filter((versions) => id.startsWith(versions.id))
        .flatMap((versions) => lineResources(view, versions));
  }
};

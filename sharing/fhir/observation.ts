import { awaitsCoSign } from "#domain/co-signature/resolve.ts";
import type { Author } from "#domain/entry/entry.ts";
import { sameValue } from "#domain/entry/same-value.ts";
import type { EntryOf } from "#domain/kinds.ts";
import { gcsText, gcsTotal } from "#domain/observations/gcs.ts";
import {
  type Gcs,
  type Observations,
  type Reading,
  type Vital,
  vitalUnits,
} from "#domain/observations/observations.ts";
import { isImpossible } from "#domain/observations/possible.ts";
import { acvpuWords, notDoneWords, unitText, vitalWords } from "#domain/observations/words.ts";
import { performerReference } from "./agents.ts";
import { codes, own, vitalCode } from "./codes.ts";
import { digits } from "./digits.ts";
import { dataAbsent } from "./no.ts";
import type { Parts } from "./parts.ts";
import type { CodeableConcept, Observation, ObservationComponent, Quantity, Reference } from "./r4.ts";
import { isAmended, metaOf, recordReference, text, type Versions, type View } from "./view.ts";
import { words } from "./words.ts";

export type ObservationSet = EntryOf<"observations">;
type NotDone = Extract<NonNullable<Observations["acvpu"]>, { notDone: unknown }>;
const pressures = ["systolic", "diastolic"] as const;

/** One Observation for each vital of a set, each with its own measured time and whoever took it. */
export const vitalParts = (view: View, versions: Versions, known: ObservationSet): Parts<Observation> => {
  const parts: Parts<Observation> = new Map();
  const add = (part: keyof Observations, suffix: string, code: CodeableConcept, more: Partial<Observation>): void => {
    const value = known.body[part]!;
    const at = "at" in value && value.at ? value.at : known.occurredAt;
    const author = measuredBy(versions, part, known);
    parts.set(suffix, {
      ...observationBase(view, versions, suffix, code, at, author),
      ...("from" in value && value.from === "monitor" && { method: text("Read by a monitor") }),
      ...more,
    });
  };
  for (const vital of Object.keys(vitalUnits) as Vital[]) {
    const value = known.body[vital];
    if (value && vital !== "systolic" && vital !== "diastolic")
      add(vital, vital, vitalCode(vital), valueOrAbsence(vital, value));
  }
  // A panel has one time: the systolic's, or the diastolic's where there is no other.
  const measured = pressures.filter((part) => known.body[part]);
  if (measured[0]) {
    const component = measured.map((part) => ({ code: vitalCode(part), ...valueOrAbsence(part, known.body[part]!) }));
    const notes = component.flatMap((each) => each.note ?? []);
    add(measured[0], "bp", codes.bloodPressure, {
      component: component.map(({ note: _, ...each }) => each),
      ...(notes.length > 0 && { note: notes }),
    });
  }
  const { inspired, acvpu, gcs } = known.body;
  if (inspired)
    add("inspired", "inspired", codes.inspired, {
      ...("is" in inspired
        ? { valueCodeableConcept: own("inspired", inspired.is, inspired.is === "air" ? "Air" : "Oxygen") }
        : notDone(inspired)),
      ...reconfirmed(inspired),
    });
  if (acvpu)
    add("acvpu", "acvpu", codes.acvpu, {
      ...("is" in acvpu ? { valueCodeableConcept: own("acvpu", acvpu.is, acvpuWords[acvpu.is]) } : notDone(acvpu)),
      ...reconfirmed(acvpu),
    });
  if (gcs) add("gcs", "gcs", codes.gcs, "is" in gcs ? gcsValue(gcs.is) : notDone(gcs));
  return parts;
};

export const observationBase = (
  view: View,
  versions: Versions,
  suffix: string,
  code: CodeableConcept,
  at: string,
  author: Author,
): Observation => ({
  resourceType: "Observation",
  id: `${versions.id}-${suffix}`,
  meta: metaOf(view, versions.touchedBy, "UKCore-Observation"),
  status: awaitsCoSign(versions.line) ? "preliminary" : isAmended(versions) ? "amended" : "final",
  code,
  subject: recordReference(view, "Patient"),
  encounter: recordReference(view, "Encounter"),
  effectiveDateTime: at,
  performer: [performerReference(view, author)],
});

export const withdrawnObservation = (resource: Observation): Observation => ({
  ...resource,
  status: "entered-in-error",
});

/** UCUM, and the digits as written. A unit that can be no code goes as words. */
export const quantityOf = (value: string, ucum: string): Quantity => {
  const unit = words(unitText(ucum));
  const isCode = /^[\u0021-\u007e]+$/.test(ucum);
  return {
    value: digits(value),
    ...(unit && { unit }),
    ...(isCode && { system: "http://unitsofmeasure.org", code: ucum }),
  };
};
export const score = (value: number): Quantity => ({
  value,
  unit: "score",
  system: "http://unitsofmeasure.org",
  code: "{score}",
});

type Value = Partial<Pick<Observation, "valueQuantity" | "dataAbsentReason" | "note">>;

const valueOrAbsence = (vital: Vital, value: Reading | NotDone): Value => {
  if (!("value" in value)) return notDone(value);
  const oddity = `${vitalWords[vital].label} ${value.value}: no patient has this value. Kept as it was written.`;
  return {
    valueQuantity: quantityOf(value.value, vitalUnits[vital]),
    ...(isImpossible(vital, value.value) && { note: [{ text: oddity }] }),
  };
};

/** Refused is an answer of the patient's; the other reasons are the crew's, and their words say which. */
const notDone = ({ notDone: reason, why }: NotDone): Value => ({
  dataAbsentReason: dataAbsent(
    reason === "refused" ? "asked-declined" : "not-performed",
    [notDoneWords[reason], words(why)].filter(Boolean).join(": "),
  ),
});

const reconfirmed = (value: object): Value =>
  "reconfirmed" in value && value.reconfirmed
    ? { note: [{ text: "Carried over from the last set and confirmed" }] }
    : {};

const gcsValue = (gcs: Gcs): Partial<Observation> => {
  const total = gcsTotal(gcs);
  const part = (code: CodeableConcept, value: number | "NT" | "T"): ObservationComponent => ({
    code,
    ...(typeof value === "number"
      ? { valueQuantity: score(value) }
      : { dataAbsentReason: dataAbsent("not-performed", value === "T" ? "Intubated" : "Not testable") }),
  });
  return {
    ...(total === null
      ? { dataAbsentReason: dataAbsent("not-performed", `A part could not be scored: ${gcsText(gcs)}`) }
      : { valueQuantity: score(total) }),
    component: [part(codes.gcsEye, gcs.eye), part(codes.gcsVerbal, gcs.verbal), part(codes.gcsMotor, gcs.motor)],
  };
};

/** Who first wrote this value: an amendment of the temperature does not make its author the one who took the pulse. */
const measuredBy = (versions: Versions, part: keyof Observations, known: ObservationSet): Author => {
  let author = known.author;
  const at = versions.entries.findIndex((entry) => entry.id === known.id);
  for (let i = at - 1; i >= 0; i--) {
    const earlier = versions.entries[i]!;
    if (!sameValue(earlier.body[part], known.body[part])) break;
    author = earlier.author;
  }
  return author;
};

export const observationReference = (versions: Versions, suffix: string): Reference => ({
  reference: `Observation/${versions.id}-${suffix}`,
});

import type { BodyOf, EntryOf } from "#domain/kinds.ts";
import { quantityText } from "#domain/medication/dose.ts";
import { authorReference } from "./agents.ts";
import { absentExtension } from "./no.ts";
import { quantityOf } from "./observation.ts";
import type { MedicationAdministration, MedicationAdministrationPerformer } from "./r4.ts";
import { isStruck, metaOf, recordReference, text, type Versions, type View } from "./view.ts";
import { words } from "./words.ts";

type Drug = BodyOf<"drug">;

/** A drug that was given: a fact, with the guards that spoke before it. */
export const medicationOf = (view: View, versions: Versions, known: EntryOf<"drug">): MedicationAdministration => {
  const { drug, indication } = known.body;
  const presentation = words(known.body.presentation);
  const name = words(drug) ?? "Drug not written";
  const reason = words(indication);
  const note = notesOf(known.body).map((said) => ({ text: said }));
  return {
    resourceType: "MedicationAdministration",
    id: versions.id,
    meta: metaOf(view, versions.touchedBy, "UKCore-MedicationAdministration"),
    status: isStruck(versions) ? "entered-in-error" : "completed",
    medicationCodeableConcept: text(presentation ? `${name} (${presentation})` : name),
    subject: recordReference(view, "Patient"),
    context: recordReference(view, "Encounter"),
    effectiveDateTime: known.occurredAt,
    performer: performersOf(view, known),
    ...(reason && { reasonCode: [text(reason)] }),
    ...(note.length > 0 && { note }),
    dosage: dosageOf(known.body),
  };
};

/** FHIR has one dose: the mass where there is one, with the volume beside it in words. It takes no route without a dose. */
const dosageOf = ({ dose, volume, route }: Drug): NonNullable<MedicationAdministration["dosage"]> => {
  const main = dose ?? volume;
  const said = [dose, volume].filter((quantity) => quantity !== undefined).map(quantityText);
  const by = words(route);
  return {
    text: words([said.join(" in ") || "dose not recorded", by].filter(Boolean).join(", "))!,
    ...(by && { route: text(by) }),
    dose: main ? quantityOf(main.value, main.unit) : { extension: [absentExtension("unknown")] },
  };
};

const performersOf = (view: View, { author, body }: EntryOf<"drug">): MedicationAdministrationPerformer[] => {
  const giver = body.giver ? authorReference(view, body.giver) : giverOf(view, author, body.givenBy ?? "author");
  const performers: MedicationAdministrationPerformer[] = [{ actor: giver }];
  if (body.witness)
    performers.push({
      function: {
        coding: [{ system: "http://terminology.hl7.org/CodeSystem/med-admin-perform-function", code: "witness" }],
      },
      actor: authorReference(view, body.witness),
    });
  return performers;
};

/** Who gave it; where that is not the author, the author is in the Provenance. */
const giverOf = (view: View, author: EntryOf<"drug">["author"], givenBy: NonNullable<Drug["givenBy"]>) => {
  if (givenBy === "author") return authorReference(view, author);
  if (givenBy === "patient") return { ...recordReference(view, "Patient"), display: "The patient" };
  return {
    display: { crew: "A colleague of the crew", "earlier-crew": "An earlier crew", other: "Somebody else" }[givenBy],
  };
};

const notesOf = ({ batch, overrides }: Drug): string[] => [
  ...(words(batch) ? [`Batch ${words(batch)}`] : []),
  ...(overrides ?? []).map(({ guard, reason }) => words(`Given after a warning. ${guard} Answer: ${reason}`)!),
];

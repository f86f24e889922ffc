import * as z from "zod/mini";
import { type Author, type Entry, type Ref, shortText } from "../entry/entry.ts";
import { type BodyOf, type Kind, type KnownEntry, readBody } from "../kinds.ts";
import { type PaperForm, type PaperPerson, paperForm } from "./form.ts";

/** One entry as a form tells it, before a device gives it id, chain and bytes. */
export interface PaperDraft {
  kind: Kind;
  occurredAt: string;
  author: Author;
  body: Record<string, unknown>;
  ref?: Ref;
}

export interface Transcription {
  form: PaperForm;
  /** As printed. */
  number: string;
  /** Who reads it off the paper. */
  by: { userId: string; name: string };
  /** The first entry of the record that was made meanwhile, which this form is about; its incident is not told twice. */
  about?: string | undefined;
  demonstration: boolean;
}

/** Kinds that a form can hold. */
export const paperKinds: ReadonlySet<string> = new Set<Kind>([
  "note",
  "incident",
  "milestone",
  "patient",
  "allergies",
  "presentation",
  "spo2-scale",
  "observations",
  "drug",
  "event",
  "destination",
  "handover",
]);

const ecgEvents = { yes: "ECG recorded, on paper", no: "No ECG recorded" } as const;
const scaleBasis = "Circled on the paper form";
const openingOf = (number: string): string => `Paper form ${number}`;
const notesEvent = "Notes on the form";

/**
 * The form in the kinds that a tablet writes. Each entry's author is whoever wrote on the paper, who was signed in nowhere, and
 * says who transcribed it from which number. The first is a note that names the form.
 */
export const entriesOfPaper = ({ form, number, by, about, demonstration }: Transcription): PaperDraft[] => {
  const author = authorOf(form.author, number, by);
  const drafts: PaperDraft[] = [];
  const add = <K extends Kind>(kind: K, occurredAt: string, body: BodyOf<K>, ref?: Ref) =>
    void drafts.push({ kind, occurredAt, author, body: body as Record<string, unknown>, ...(ref && { ref }) });

  const ref = about === undefined ? undefined : ({ rel: "about", id: about, reason: openingOf(number) } as const);
  add("note", form.at, { text: openingOf(number) }, ref);
  if (about === undefined) add("incident", form.at, incidentOf(form, number, by, demonstration));
  for (const [milestone, at] of Object.entries(form.times))
    add("milestone", at, { milestone: milestone as BodyOf<"milestone">["milestone"] });
  add("patient", form.at, form.patient);
  if (form.allergies) add("allergies", form.at, form.allergies);
  if (form.presentation) add("presentation", form.at, form.presentation);
  let standing: 1 | 2 | undefined;
  for (const { at, scale, set } of form.observations) {
    if (scale !== undefined && scale !== standing) {
      add("spo2-scale", at, { scale, decidedBy: form.author.name, basis: scaleBasis });
      standing = scale;
    }
    add("observations", at, set);
  }
  for (const { at, given, giver, witness } of form.drugs)
    add("drug", at, {
      ...given,
      ...(giver && { giver: authorOf(giver, number, by) }),
      ...(witness && { witness: authorOf(witness, number, by) }),
    });
  const { ecg, outcome, handover, notes } = form;
  if (ecg)
    add("event", ecg.at ?? form.at, {
      event: ecg.taken ? ecgEvents.yes : ecgEvents.no,
      ...(ecg.says !== undefined && { detail: ecg.says }),
    });
  if (outcome) add("destination", form.at, { outcome });
  if (handover)
    add("handover", handover.at, {
      receiverName: handover.to,
      ...(handover.role !== undefined && { receiverRole: handover.role }),
      ...(handover.where !== undefined && { comment: handover.where }),
    });
  if (notes !== undefined) add("event", form.at, { event: notesEvent, detail: notes });
  return drafts;
};

const incidentOf = (
  { callSign, cadNumber, vehicle, priority, location, crew }: PaperForm,
  number: string,
  by: Transcription["by"],
  demonstration: boolean,
): BodyOf<"incident"> => ({
  callSign,
  ...(cadNumber !== undefined && { cadNumber }),
  ...(vehicle !== undefined && { vehicle }),
  ...(priority !== undefined && { priority }),
  ...(location !== undefined && { location }),
  crew: crew.map((person) => authorOf(person, number, by)),
  ...(demonstration && { demonstration }),
});

const noRole = "Role not on the form";

/** A person on paper is known by the staff number, where they wrote one. */
const authorOf = ({ name, staffNumber, role }: PaperPerson, number: string, by: Transcription["by"]): Author => ({
  userId: (staffNumber === undefined ? `paper ${name}` : `staff ${staffNumber}`).slice(0, 100),
  name,
  role: role ?? noRole,
  signIn: "none",
  transcribedBy: { ...by, paper: number },
});

const personOf = ({ userId, name, role }: Author): PaperPerson => ({
  name,
  ...(userId.startsWith("staff ") && { staffNumber: userId.slice("staff ".length) }),
  ...(role !== noRole && { role }),
});

/**
 * The form that these entries were made of, to type it on after it was sent back. What a linked form did not tell again, call sign
 * and crew, is asked once more: `callSign` is then empty. Undefined for entries of no form.
 */
export const paperOfEntries = (entries: readonly Entry[]): Partial<PaperForm> | undefined => {
  const known = entries.map(readBody);
  const first = known[0];
  if (first?.kind !== "note" || known.includes(null)) return undefined;
  const all = <K extends Kind>(kind: K) =>
    known.filter((entry) => entry?.kind === kind) as Extract<KnownEntry, { kind: K }>[];
  const ecg = all("event").find(({ body }) => body.event === ecgEvents.yes || body.event === ecgEvents.no);
  const notes = all("event").find(({ body }) => body.event === notesEvent);
  const [incident] = all("incident");
  const [handover] = all("handover");
  const { crew = [], demonstration: _demonstration, ...call } = incident?.body ?? { callSign: "" };
  const form: Record<string, unknown> = {
    at: first.occurredAt,
    author: personOf(first.author),
    ...call,
    crew: crew.map(personOf),
    times: Object.fromEntries(all("milestone").map(({ body, occurredAt }) => [body.milestone, occurredAt])),
    patient: all("patient")[0]?.body,
    allergies: all("allergies")[0]?.body,
    presentation: all("presentation")[0]?.body,
    observations: setsOf(known),
    drugs: all("drug").map(({ occurredAt: at, body: { giver, witness, ...given } }) => ({
      at,
      given,
      ...(giver && { giver: personOf(giver) }),
      ...(witness && { witness: personOf(witness) }),
    })),
    ecg: ecg && { taken: ecg.body.event === ecgEvents.yes, at: ecg.occurredAt, says: ecg.body.detail },
    outcome: all("destination")[0]?.body.outcome,
    handover: handover && {
      at: handover.occurredAt,
      to: handover.body.receiverName,
      role: handover.body.receiverRole,
      where: handover.body.comment,
    },
    notes: notes?.body.detail,
  };
  const read = z.partial(z.extend(paperForm, { callSign: shortText })).safeParse(JSON.parse(JSON.stringify(form)));
  return read.success ? (read.data as Partial<PaperForm>) : undefined;
};

/** A scale that was circled stands until another is. */
const setsOf = (known: readonly (KnownEntry | null)[]): PaperForm["observations"] => {
  let scale: 1 | 2 | undefined;
  return known.flatMap((entry) => {
    if (entry?.kind === "spo2-scale") scale = entry.body.scale;
    if (entry?.kind !== "observations") return [];
    return [{ at: entry.occurredAt, ...(scale !== undefined && { scale }), set: entry.body }];
  });
};

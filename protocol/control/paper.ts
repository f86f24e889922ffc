import * as z from "zod/mini";
import { instant, sha256Hex, uuid } from "#domain/entry/entry.ts";
import { formsMax } from "#domain/paper/number.ts";
import { chainRun, place } from "../push.ts";
import { pageOf, reasonText } from "./page.ts";

/** A pack as its cover shows it: `NM-48210001`. */
export const packText = z.string().check(z.regex(/^[A-Z]{2}-(\d{8}|9\d{12})$/));
export const numberText = z.string().check(z.regex(/^[A-Z]{2}-(\d{8}|9\d{12})-\d{3}-\d{2}$/));
/** A call sign or a vehicle, as the fleet names it. */
const vehicleText = z.string().check(z.trim(), z.minLength(1), z.maxLength(60));

/**
 * What has become of a form. `in-store`: its pack was not given out. `out`: given out, and nothing heard of it. `waiting`:
 * transcribed, and not checked. `sent-back`: the second person found something. `checked`: on its way into the record. The others
 * are the ends that account for a number.
 */
export const formStates = [
  "in-store",
  "out",
  "waiting",
  "sent-back",
  "checked",
  "entered",
  "void",
  "lost",
  "not-used",
] as const;
export type FormState = (typeof formStates)[number];
/** States in which a number is not accounted for: somebody has to look for the form, or to work on it. */
export const openStates: readonly FormState[] = ["out", "waiting", "sent-back", "checked"];
/** What the desk may say of a form that is not transcribed. `out`: a form that was called lost has turned up. */
export const accountStates = ["void", "lost", "not-used", "out"] as const;

/** `GET /control/v1/paper/packs`, one row. */
export const packRow = z.object({
  pack: z.string(),
  forms: z.int(),
  printedAt: z.iso.datetime(),
  /** Printed by a machine without the base. */
  machine: z.optional(z.string()),
  vehicle: z.optional(z.string()),
  heldBy: z.optional(z.string()),
  issuedAt: z.optional(z.iso.datetime()),
  /** How many of its numbers are accounted for, and not yet. */
  accounted: z.int(),
  open: z.int(),
  position: z.int(),
});
export type PackRow = z.infer<typeof packRow>;
export const packsResponse = pageOf(packRow);

/** `POST /control/v1/paper/packs`: a pack that was printed without the base is made known. */
export const packNew = z.object({
  pack: packText,
  forms: z.int().check(z.minimum(1), z.maximum(formsMax)),
  reason: reasonText,
});
export type PackNew = z.infer<typeof packNew>;

/** `POST /control/v1/paper/packs/{pack}`: signed out to a vehicle, or to another. */
export const packIssue = z.object({
  vehicle: vehicleText,
  heldBy: z.string().check(z.trim(), z.minLength(2), z.maxLength(100)),
  reason: reasonText,
  expected: z.int(),
});
export type PackIssue = z.infer<typeof packIssue>;

/** One number, with who did the last thing to it. */
export const formRow = z.object({
  number: z.string(),
  pack: z.string(),
  state: z.enum(formStates),
  vehicle: z.optional(z.string()),
  heldBy: z.optional(z.string()),
  /** When it came to be so: of a form that is out, when its pack was given out. */
  since: z.iso.datetime(),
  by: z.optional(z.string()),
  reason: z.optional(z.string()),
  transcribedBy: z.optional(z.string()),
  transcribedAt: z.optional(z.iso.datetime()),
  checkedBy: z.optional(z.string()),
  checkedAt: z.optional(z.iso.datetime()),
  /** The record that it is in, or will be. */
  recordId: z.optional(uuid),
  /** Of its last control line; 0 before the first. */
  position: z.int(),
});
export type FormRow = z.infer<typeof formRow>;
/** `GET /control/v1/paper/forms`: the numbers that are not accounted for. */
export const formsResponse = z.extend(pageOf(formRow), {
  /** Numbers of every pack that was printed, and how many of them are in which state. */
  counts: z.partialRecord(z.enum(formStates), z.int()),
});
export type FormsResponse = z.infer<typeof formsResponse>;

/** `POST /control/v1/paper/forms/{number}/account`. */
export const formAccount = z.object({ state: z.enum(accountStates), reason: reasonText, expected: z.int() });
export type FormAccount = z.infer<typeof formAccount>;

/**
 * `POST /control/v1/paper/forms/{number}/transcription`: the form as entries, signed by this desk. They wait, in nobody's record,
 * until a second person has checked them. `about`: the run goes on with a record that was made meanwhile.
 */
export const formTranscription = z.object({ run: chainRun, about: z.boolean(), expected: z.int() });
export type FormTranscription = z.infer<typeof formTranscription>;

/** `GET` of the same: the texts of the entries that wait. */
export const waitingTranscription = z.object({ entries: z.array(z.string()), about: z.boolean(), position: z.int() });
export type WaitingTranscription = z.infer<typeof waitingTranscription>;

const typedAgain = z.string().check(z.trim(), z.maxLength(200));
/** `POST /control/v1/paper/forms/{number}/check`: which call and who, read off the paper once more; empty where it says nothing. */
export const formCheck = z.object({
  cadNumber: typedAgain,
  familyName: typedAgain,
  /** `2026-11-23`. */
  birthDate: typedAgain,
  nhsNumber: typedAgain,
  expected: z.int(),
});
export type FormCheck = z.infer<typeof formCheck>;

/** `POST /control/v1/paper/forms/{number}/send-back`. */
export const formSendBack = z.object({ reason: reasonText, expected: z.int() });

/** `POST /control/v1/paper/matches`: which records were made meanwhile of the patient on a form. A body, because it names one. */
export const matchRequest = z.object({
  number: numberText,
  at: instant,
  cadNumber: z.optional(z.string().check(z.maxLength(200))),
  nhsNumber: z.optional(z.string().check(z.maxLength(20))),
  familyName: z.optional(z.string().check(z.maxLength(200))),
  birthDate: z.optional(z.string().check(z.maxLength(10))),
});
export type MatchRequest = z.infer<typeof matchRequest>;

export const matchWhys = ["nhs-number", "cad-number", "name-and-birth-date"] as const;
export const matchedRecord = z.object({
  recordId: uuid,
  why: z.array(z.enum(matchWhys)),
  /** The first entry of the record, which a form that belongs to it points at. */
  about: uuid,
  /** Where this desk's chain in that record goes on. */
  end: z.object({ n: place, prev: z.nullable(sha256Hex) }),
  at: instant,
  callSign: z.optional(z.string()),
  cadNumber: z.optional(z.string()),
  /** Absent for a restricted record, as the lines are: the records office says whose it is. */
  patient: z.optional(z.string()),
  lines: z.array(z.object({ at: instant, text: z.string() })),
});
export type MatchedRecord = z.infer<typeof matchedRecord>;
export const matchesResponse = z.object({ records: z.array(matchedRecord) });

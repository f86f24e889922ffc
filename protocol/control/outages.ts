import * as z from "zod/mini";
import { instant, uuid } from "#domain/entry/entry.ts";
import { pageOf, reasonText } from "./page.ts";

/**
 * What a contact in an outage went without. `look-up`: somebody looked the patient up, and was refused or found nothing. `handover-late`,
 * `ecg-late`: the hospital's screen drew it more than the minutes after it was to go there. `handover-undelivered`, `ecg-undelivered`: no
 * screen drew it, or the recording is not at the base. `paper`: it was written on a form. `late-entries`: they came to the base more than
 * the minutes after they happened. `kept-aside`: bytes that are in no record until the desk decides. `unreadable`: lines that do not open.
 */
export const missingKinds = [
  "look-up",
  "handover-late",
  "handover-undelivered",
  "ecg-late",
  "ecg-undelivered",
  "paper",
  "late-entries",
  "kept-aside",
  "unreadable",
] as const;
export type MissingKind = (typeof missingKinds)[number];

export const missing = z.object({
  what: z.enum(missingKinds),
  count: z.int(),
  /** The longest; only of what was late. */
  minutes: z.optional(z.int()),
});
export type Missing = z.infer<typeof missing>;

/** `follow-up`: somebody speaks with the patient, the crew or the hospital. `harm`: it may have harmed, and is reported as an incident. */
export const harmOutcomes = ["no-harm", "follow-up", "harm"] as const;

/** What the desk asks for: from, included, until before. */
export const outageAsked = z.object({
  from: instant,
  to: instant,
  lateMinutes: z.int().check(z.minimum(1), z.maximum(1_440)),
  reason: reasonText,
});
export type OutageAsked = z.infer<typeof outageAsked>;

/** `GET /control/v1/outages`, one outage. */
export const outageRow = z.object({
  outageId: uuid,
  from: instant,
  to: instant,
  lateMinutes: z.int(),
  reason: z.string(),
  by: z.string(),
  since: instant,
  /** Whether its contacts are being looked for now. */
  running: z.boolean(),
  /** When they were last; absent until then. */
  listedAt: z.optional(instant),
  contacts: z.int(),
  /** With something missing that nobody has reviewed, or of which more is known since. */
  open: z.int(),
  position: z.int(),
});
export type OutageRow = z.infer<typeof outageRow>;
/** `able`: whether this server reads the logs whole; one that seals into no archive does not. */
export const outagesResponse = z.object({ outages: z.array(outageRow), able: z.boolean() });
export type OutagesResponse = z.infer<typeof outagesResponse>;
export const outageBegun = z.object({ outageId: uuid });

/** `GET /control/v1/outages/{outageId}`, one contact. Names no patient. */
export const contactRow = z.object({
  /** A record's id; `form-` and a paper form's number; `access-`, epoch and position of a look-up that is of no record. */
  contactId: z.string(),
  recordId: z.optional(uuid),
  /** Numbers of paper forms. */
  forms: z.array(z.string()),
  devices: z.array(z.string()),
  /** Of what happened in the outage; absent where only a form is known. */
  firstAt: z.optional(instant),
  lastAt: z.optional(instant),
  missing: z.array(missing),
  /** More is missing than the reviewer knew. */
  more: z.boolean(),
  outcome: z.optional(z.enum(harmOutcomes)),
  words: z.optional(z.string()),
  reviewedBy: z.optional(z.string()),
  position: z.int(),
});
export type ContactRow = z.infer<typeof contactRow>;
export const contactsResponse = pageOf(contactRow);

/** `POST /control/v1/outages/{outageId}/contacts/{contactId}`. */
export const harmReviewed = z.object({ outcome: z.enum(harmOutcomes), words: reasonText, expected: z.int() });
export type HarmReviewed = z.infer<typeof harmReviewed>;

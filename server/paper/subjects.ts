import * as z from "zod/mini";
import { contact } from "#protocol/downtime.ts";
import { signedStatement } from "#protocol/grants.ts";

/** What the control log holds of the paper kit. Instants are ISO 8601 in UTC. */

/** Subject id: `NM-48210001`. */
export const packSubject = z.object({
  forms: z.int(),
  printedAt: z.string(),
  machine: z.optional(z.string()),
  vehicle: z.optional(z.string()),
  heldBy: z.optional(z.string()),
  issuedAt: z.optional(z.string()),
});
export type PackSubject = z.infer<typeof packSubject>;

/** A machine that may print without the base. Subject id: its nine digits. */
export const machineSubject = z.object({
  /** Two machines that drew the same digits have different ones. */
  secret: z.string(),
  name: z.string(),
});
/** Subject id: the number as printed. A form that nothing has happened to is no subject. */
export const formSubject = z.object({
  state: z.enum(["out", "waiting", "sent-back", "checked", "entered", "void", "lost", "not-used"]),
  recordId: z.optional(z.string()),
  /** The run that waits or was admitted: the only one of this number that ever will be. */
  run: z.optional(z.object({ deviceId: z.string(), head: z.string(), entries: z.int() })),
  about: z.optional(z.boolean()),
  transcribedBy: z.optional(z.string()),
  transcribedAt: z.optional(z.string()),
  checkedBy: z.optional(z.string()),
  checkedAt: z.optional(z.string()),
});
export type FormSubject = z.infer<typeof formSubject>;

/** Subject id: the notice's. */
export const noticeSubject = z.object({ signed: signedStatement, until: z.string(), ended: z.optional(z.boolean()) });

/** Of the setting that holds the contact tree. */
export const contactsSettingId = "contacts";
export const contactsSetting = z.object({ contacts: z.array(contact), signed: signedStatement });

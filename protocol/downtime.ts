import * as z from "zod/mini";
import { instant, uuid } from "#domain/entry/entry.ts";
import { signedStatement } from "./grants.ts";

export const noticeWordsMax = 1_200;
/** A notice stands for so long at most: after it, whoever relays it still cannot have it shown. */
export const noticeDaysMax = 14;
export const contactsMax = 12;
/** As many as one answer holds. */
export const noticesMax = 20;
export const packsMax = 500;

/**
 * What the trust tells its crews when e-mail is down. The issuer signs it once, when the desk writes it: whoever relays it, base
 * or standby, can hold it back but not change it.
 */
export const noticeStatement = z.object({
  type: z.literal("notice"),
  trust: z.string(),
  noticeId: uuid,
  title: z.string().check(z.maxLength(120)),
  words: z.string().check(z.maxLength(noticeWordsMax)),
  /** Who at the desk wrote it. */
  by: z.string().check(z.maxLength(200)),
  issuedAt: instant,
  until: instant,
});
export type NoticeStatement = z.infer<typeof noticeStatement>;

const shortLine = z.string().check(z.trim(), z.minLength(1), z.maxLength(80));
export const contact = z.object({
  /** Whom to ask: `Duty manager`. */
  who: shortLine,
  /** How: a telephone number, a radio channel. */
  how: shortLine,
  /** For what, or when nobody answers above. */
  when: z.optional(z.string().check(z.trim(), z.maxLength(80))),
});
export type Contact = z.infer<typeof contact>;

/** The contact tree, in the order to try. The newest one counts. */
export const contactsStatement = z.object({
  type: z.literal("contacts"),
  trust: z.string(),
  contacts: z.array(contact).check(z.maxLength(contactsMax)),
  issuedAt: instant,
});
export type ContactsStatement = z.infer<typeof contactsStatement>;

/** A pack of paper forms on a vehicle, by its cover. */
export const heldPack = z.object({ vehicle: z.string(), pack: z.string(), forms: z.int() });
export type HeldPack = z.infer<typeof heldPack>;

/** What a tablet needs once nothing else answers; comes with a heartbeat, when it has changed. */
export const downtime = z.object({
  tag: z.string(),
  notices: z.array(signedStatement).check(z.maxLength(noticesMax)),
  contacts: z.optional(signedStatement),
  /** Those on vehicles, newest first. */
  packs: z.array(heldPack).check(z.maxLength(packsMax)),
});
export type Downtime = z.infer<typeof downtime>;

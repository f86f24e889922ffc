import * as z from "zod/mini";
import { instant, uuid } from "#domain/entry/entry.ts";
import { contact, contactsMax, noticeWordsMax } from "../downtime.ts";
import { pageOf, reasonText } from "./page.ts";

/** `GET /control/v1/notices`, one row, newest first. */
export const noticeRow = z.object({
  noticeId: uuid,
  title: z.string(),
  words: z.string(),
  by: z.string(),
  issuedAt: instant,
  until: instant,
  /** Taken back before its time, or its time is over. */
  over: z.boolean(),
  position: z.int(),
});
export type NoticeRow = z.infer<typeof noticeRow>;
export const noticesResponse = pageOf(noticeRow);

/** `POST /control/v1/notices`. */
export const noticeNew = z.object({
  title: z.string().check(z.trim(), z.minLength(3), z.maxLength(120)),
  words: z.string().check(z.trim(), z.minLength(3), z.maxLength(noticeWordsMax)),
  until: instant,
  reason: reasonText,
});
export type NoticeNew = z.infer<typeof noticeNew>;
/** `POST /control/v1/notices/{noticeId}/end`: tablets forget it with their next heartbeat. */
export const noticeEnd = z.object({ reason: reasonText, expected: z.int() });

/** `GET /control/v1/contacts`. */
export const contactsResponse = z.object({ contacts: z.array(contact), position: z.int() });
export type ContactsResponse = z.infer<typeof contactsResponse>;
/** `POST` of the same. */
export const contactsChange = z.object({
  contacts: z.array(contact).check(z.maxLength(contactsMax)),
  reason: reasonText,
  expected: z.int(),
});
export type ContactsChange = z.infer<typeof contactsChange>;

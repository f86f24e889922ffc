import * as z from "zod/mini";
import { personRoles, roles } from "#defence/access/words.ts";
import { siteId } from "../device.ts";
import { pageOf, reasonText } from "./page.ts";

export const userIdText = z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{1,39}$/));
const name = z.string().check(z.trim(), z.minLength(2), z.maxLength(200));
const staffNumber = z.string().check(z.trim(), z.minLength(1), z.maxLength(40));
const held = z.array(z.enum(personRoles)).check(z.minLength(1), z.maxLength(personRoles.length));

/** `GET /control/v1/people`, one row. */
export const personRow = z.object({
  userId: z.string(),
  name: z.string(),
  staffNumber: z.string(),
  roles: z.array(z.enum(roles)),
  /** Proposed, and waiting for a second person. */
  waiting: z.array(z.enum(roles)),
  siteId: z.optional(z.string()),
  /** Ways in that the person has: passkeys, a provider's name, a PIN for tablets. */
  passkeys: z.int(),
  hasProvider: z.boolean(),
  hasPin: z.boolean(),
  endsAt: z.optional(z.iso.datetime()),
  ended: z.boolean(),
  demonstration: z.boolean(),
  changed: z.iso.datetime(),
  position: z.int(),
});
export type PersonRow = z.infer<typeof personRow>;
export const peopleResponse = pageOf(personRow);

const described = {
  name,
  staffNumber,
  roles: held,
  siteId: z.optional(siteId),
  /** After this instant the person is nobody. */
  endsAt: z.optional(z.iso.datetime()),
  reason: reasonText,
};
/** What a person makes with a code of the desk: a passkey, a PIN for tablets, or the link to the name that the provider has for them. */
export const personCodeUses = ["passkey", "pin", "provider"] as const;
export type PersonCodeUse = (typeof personCodeUses)[number];
/** `POST /control/v1/people/{userId}/code`: for somebody who cannot sign in that way yet. Told once. */
export const personCodeRequest = z.object({ for: z.enum(personCodeUses), reason: reasonText });
/** `waits`: the code works once a second person has agreed; `expiresAt` is then how long they may take. */
export const personCodeResponse = z.object({ code: z.string(), expiresAt: z.iso.datetime(), waits: z.boolean() });
export type PersonCodeResponse = z.infer<typeof personCodeResponse>;

/** Answer to the two below. `waiting`: desk roles, which a second person has to agree to; the rest is in force. */
export const personChanged = z.object({ position: z.int(), waiting: z.array(z.enum(roles)) });
export type PersonChanged = z.infer<typeof personChanged>;
/** `POST /control/v1/people`: a new person. */
export const personNew = z.object({ userId: userIdText, ...described });
export type PersonNew = z.infer<typeof personNew>;
/** `POST /control/v1/people/{userId}`: all that the desk may say of a person, and why. */
export const personChange = z.object({ ...described, expected: z.int() });
export type PersonChange = z.infer<typeof personChange>;

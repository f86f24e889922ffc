import * as z from "zod/mini";
import { roles } from "#defence/access/words.ts";
import { uuid } from "#domain/entry/entry.ts";
import { pageOf, pageQuery, reasonText } from "./page.ts";

/** What takes two people: the end of a record, a desk role, a code that is a way in for who has one, what another system reads. */
export const proposalKinds = ["disposal", "roles", "passkey-code", "pin-code", "provider-code", "connection"] as const;
/**
 * `approved`: agreed, and not carried out yet. `stopped`: after it was agreed a legal hold was set, or an entry
 * arrived. `lapsed`: nobody decided
 * in time.
 */
export const proposalStates = ["waiting", "approved", "declined", "lapsed", "done", "stopped"] as const;
/** So long a proposal may be decided, days. */
export const proposalDays = 14;

/** `GET /control/v1/proposals`: those that wait, oldest first, or those that were decided. */
export const proposalsQuery = z.extend(pageQuery, { show: z._default(z.enum(["waiting", "decided"]), "waiting") });

/** One row. Names no patient. */
export const proposalRow = z.object({
  proposalId: uuid,
  what: z.enum(proposalKinds),
  /** Of a disposal. */
  recordId: z.optional(uuid),
  /** A disposal before the retention term has ended. */
  early: z.boolean(),
  demonstration: z.boolean(),
  /** The record is under a legal hold just now: it cannot end. */
  hold: z.boolean(),
  /** Who gets the roles or the code, by name, and how many passkeys that person has. */
  person: z.optional(z.string()),
  passkeys: z.optional(z.int()),
  /** That person signs in with the provider already. */
  hasProvider: z.optional(z.boolean()),
  roles: z.optional(z.array(z.enum(roles))),
  /** Which other system would read what, in words. */
  connection: z.optional(z.string()),
  /** A legal hold on the record was lifted: when, and by whom. */
  holdLifted: z.optional(z.object({ at: z.iso.datetime(), by: z.string() })),
  by: z.string(),
  reason: z.string(),
  since: z.iso.datetime(),
  lapses: z.iso.datetime(),
  state: z.enum(proposalStates),
  /** The caller proposed it, or gets what it gives: another person decides. */
  own: z.boolean(),
  decidedBy: z.optional(z.string()),
  decided: z.optional(z.iso.datetime()),
  words: z.optional(z.string()),
  position: z.int(),
});
export type ProposalRow = z.infer<typeof proposalRow>;
export const proposalsResponse = pageOf(proposalRow);

/** `GET /control/v1/proposals/count`: how many rows the list of those that wait has. */
export const proposalCount = z.object({ waiting: z.int() });
export type ProposalCount = z.infer<typeof proposalCount>;

/** `POST /control/v1/proposals/{proposalId}`. Asks for the second factor once more. */
export const proposalDecision = z.object({
  decision: z.enum(["approve", "decline"]),
  words: reasonText,
  expected: z.int(),
  /** How many passkeys the person had in the row that was decided on: one that was made since is another decision. */
  passkeys: z.optional(z.int()),
});
export type ProposalDecision = z.infer<typeof proposalDecision>;
/** What became of it: an agreed disposal is `approved` until it could be carried out. */
export const proposalDecided = z.object({ state: z.enum(proposalStates) });
export type ProposalDecided = z.infer<typeof proposalDecided>;

import { randomUUID } from "node:crypto";
import * as z from "zod/mini";
import { roles } from "#defence/access/words.ts";
import type { SignedInPerson } from "#protocol/sign-in.ts";
import { ProblemError } from "../http/problem-error.ts";
import type { ControlLog } from "../logs/control-log.ts";
import { hashOfCode } from "./codes.ts";
import type { Principal } from "./identity.ts";
import type { NoteOpening } from "./sealed-openings.ts";

/**
 * A trust's two accounts for the day when nobody else can sign in: their codes are printed once and kept in two safes. The
 * second factor is the enrolled device that the code is typed into.
 */
export const sealedAccount = z.object({
  name: z.string(),
  /** `hashOfCode` of the printed code; the code itself is nowhere but on paper. */
  codeHash: z.string(),
  roles: z.array(z.enum(roles)),
  sealedAt: z.string(),
  /** Times it was opened, and the last of them. Until it is sealed anew the paper goes on opening it. */
  opened: z._default(z.int(), 0),
  openedAt: z.optional(z.string()),
  demonstration: z.optional(z.boolean()),
});

export interface SealedAccounts {
  /**
   * Opens the account at once; that it was opened is durable before this resolves, and a security event was raised. Rejects with a
   * ProblemError 403 `unknown-code`.
   */
  open(code: string, reason: string, principal: Principal): Promise<SignedInPerson>;
}

export const createSealedAccounts = (parts: {
  log: ControlLog;
  noteOpening: NoteOpening;
  onSecurityEvent(event: { code: string; deviceId: string; account: string }): void;
}): SealedAccounts => {
  const { log, noteOpening, onSecurityEvent } = parts;
  return {
    open: async (code, reason, principal) => {
      const codeHash = hashOfCode(code);
      const found = (await log.all("break-glass")).find(({ state }) => state.codeHash === codeHash);
      if (found === undefined)
        throw new ProblemError(
          403,
          "unknown-code",
          "This is not the code of a sealed account.",
          "Type it as it is printed, with its hyphens.",
        );
      const { deviceId, zone, siteId } = principal;
      const account = found.id;
      const at = { deviceId, zone, ...(siteId !== undefined && { siteId }) };
      await noteOpening({ reviewId: randomUUID(), account, ...at, reason, openedAt: new Date().toISOString() });
      onSecurityEvent({ code: "sealed-account-opened", deviceId, account });
      const { name, roles } = sealedAccount.parse(found.state);
      return { userId: account, name, roles, strength: "break-glass" };
    },
  };
};

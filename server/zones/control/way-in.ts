import { randomUUID } from "node:crypto";
import { rules } from "#defence/access/rules.ts";
import { deskRoles, type Role } from "#defence/access/words.ts";
import type { PersonCodeUse } from "#protocol/control/people.ts";
import { passkeySubject, personCodeSubject } from "../../identity/subjects.ts";
import type { Actor, ControlChange, ControlLog } from "../../logs/control-log.ts";

/** Somebody stands at the desk, or is on the telephone. */
export const personCodeMs = 24 * 3_600_000;

/** User id → how many passkeys the person has. */
export const passkeysOf = async (log: ControlLog): Promise<ReadonlyMap<string, number>> => {
  const counts = new Map<string, number>();
  for (const { state } of await log.all("passkey")) {
    const { userId, removed } = passkeySubject.parse(state);
    if (!removed) counts.set(userId, (counts.get(userId) ?? 0) + 1);
  }
  return counts;
};

/** Whether one of the roles decides on what takes two people. */
export const mayApprove = (held: readonly Role[]): boolean =>
  rules.some(
    ({ does, who }) => does.includes("approve") && typeof who !== "string" && held.some((role) => who.includes(role)),
  );

export const deskRolesAmong = (roles: readonly Role[]): Role[] => roles.filter((role) => deskRoles.has(role));

/** A code that one person gave to another is looked at afterwards: the line that puts it into the review queue. */
export const codeReview = (by: Actor, use: PersonCodeUse, forUserId: string, reason: string): ControlChange => {
  const state = { of: `${use}-code`, openedAt: new Date().toISOString(), ...by, forUserId, reason, state: "open" };
  return { kind: "review", id: randomUUID(), state, by, reason, expected: 0 };
};

/**
 * Lines that end the unused codes of a person. Whoever is given a desk role begins with the ways in that the second person was
 * told of, and no code that one person alone gave makes another.
 */
export const endCodesOf = async (
  log: ControlLog,
  userId: string,
  by: Actor,
  reason: string,
): Promise<ControlChange[]> => {
  const now = new Date().toISOString();
  const codes = await log.all("enrolment-code");
  return codes.flatMap(({ kind, id, position, state }): ControlChange[] => {
    const code = personCodeSubject.safeParse(state).data;
    if (code?.userId !== userId || code.usedBy !== undefined || code.waits !== undefined || code.expiresAt <= now)
      return [];
    return [{ kind, id, state: { ...code, expiresAt: now }, by, reason, expected: position }];
  });
};

import { decide } from "#defence/access/policy.ts";
import type { Role } from "#defence/access/words.ts";

/**
 * Whether a crewmate signs what a person with these roles writes, as the access policy says it. Roles that this version does not
 * know ask for nothing.
 */
export const needsCoSign = (roles: readonly string[] = []): boolean => {
  const decision = decide({
    roles: roles as readonly Role[],
    zone: "crew",
    purpose: "direct-care",
    relation: "own-crew",
    action: "push",
    hasPerson: true,
    isRestricted: false,
    stepUp: false,
  });
  return decision.allow && decision.needs.includes("co-sign");
};

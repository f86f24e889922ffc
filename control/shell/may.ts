import { decide } from "#defence/access/policy.ts";
import { type Action, purposes, type Role } from "#defence/access/words.ts";

/** Whether one of the roles may do this at the desk for some purpose, perhaps with a reason or the second factor once more. */
export const may = (roles: readonly Role[], action: Action): boolean =>
  purposes.some(
    (purpose) =>
      decide({
        roles,
        zone: "control",
        purpose,
        relation: "own-trust",
        action,
        hasPerson: true,
        isRestricted: false,
        stepUp: true,
      }).allow,
  );

import { deskRoles } from "#defence/access/words.ts";
import type { PersonCodeUse } from "#protocol/control/people.ts";
import { ProblemError } from "../http/problem-error.ts";
import type { ControlChange, ControlLog } from "../logs/control-log.ts";
import { hashOfCode } from "./codes.ts";
import { personCodeSubject, personSubject } from "./subjects.ts";

/** A person's codes are kept apart from devices' codes, and by what they are for: none does what another is for. */
export const personCodeId = (use: PersonCodeUse, code: string): string => `${use}-${hashOfCode(code)}`;

const nobody = { name: "", staffNumber: "", roles: [] };

/**
 * One-time codes with which the desk lets a person make a first passkey, set a PIN, or say who they are at the provider. All reject with
 * a 403 `unknown-code`, `code-expired`, `code-used` or `code-waits`.
 */
export const createPersonCodes = (log: ControlLog) => {
  const find = async (id: string) => {
    const subject = await log.find("enrolment-code", id);
    if (subject === undefined)
      throw new ProblemError(403, "unknown-code", "This code is not known here.", "Ask the desk for one.");
    const state = personCodeSubject.parse(subject.state);
    if (Date.parse(state.expiresAt) <= Date.now())
      throw new ProblemError(403, "code-expired", "This code has run out.", "Ask the desk for a new one.");
    if (state.usedBy !== undefined) throw used();
    if (state.waits !== undefined)
      throw new ProblemError(
        403,
        "code-waits",
        "A second person has not agreed to this code yet.",
        "Wait until they have, then type it again.",
      );
    const person = await log.find("person", state.userId);
    const { roles } = personSubject.parse(person?.state ?? nobody);
    if (state.agreed === undefined && roles.some((role) => deskRoles.has(role)))
      throw new ProblemError(
        403,
        "code-not-agreed",
        "You have a desk role now, and a second person has not agreed to this code.",
        "Ask the desk for another code.",
      );
    return { state, position: subject.position };
  };
  return {
    personOf: async (codeId: string): Promise<string> => (await find(codeId)).state.userId,
    /** The line that uses the code up. Appended together with what it is for, it makes one of one code. */
    use: async (codeId: string, deviceId: string): Promise<ControlChange> => {
      const { state, position } = await find(codeId);
      const by = { userId: state.userId, deviceId };
      return { kind: "enrolment-code", id: codeId, state: { ...state, usedBy: deviceId }, by, expected: position };
    },
    used,
  };
};
export type PersonCodes = ReturnType<typeof createPersonCodes>;

const used = (): ProblemError =>
  new ProblemError(
    403,
    "code-used",
    "This code has been used.",
    "Ask the desk for a new one. If it was not you who used it, say so.",
  );

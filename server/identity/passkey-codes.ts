import { ProblemError } from "../http/problem-error.ts";
import type { ControlChange, ControlLog } from "../logs/control-log.ts";
import { hashOfCode } from "./codes.ts";
import { passkeyCodeSubject } from "./subjects.ts";

/** A person's code is kept apart from devices' codes: neither does what the other is for. */
export const passkeyCodeId = (code: string): string => `passkey-${hashOfCode(code)}`;

/** One-time codes with which the desk lets a person make a first passkey. */
export const createPasskeyCodes = (log: ControlLog) => {
  const find = async (code: string) => {
    const id = passkeyCodeId(code);
    const subject = await log.find("enrolment-code", id);
    if (subject === undefined)
      throw new ProblemError(403, "unknown-code", "This code is not known here.", "Ask the desk for one.");
    const state = passkeyCodeSubject.parse(subject.state);
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
    return { id, state, position: subject.position };
  };
  return {
    personOf: async (code: string): Promise<string> => (await find(code)).state.userId,
    /** The line that uses the code up. Appended together with the passkey, it makes one passkey of one code. */
    use: async (code: string, deviceId: string): Promise<ControlChange> => {
      const { id, state, position } = await find(code);
      const change = { ...state, usedBy: deviceId };
      return { kind: "enrolment-code", id, state: change, by: { userId: state.userId, deviceId }, expected: position };
    },
    used,
  };
};

const used = (): ProblemError =>
  new ProblemError(
    403,
    "code-used",
    "This code has been used.",
    "Ask the desk for a new one. If it was not you who used it, say so.",
  );

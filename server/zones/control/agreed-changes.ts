import { ProblemError } from "../../http/problem-error.ts";
import {
  connectionSubject,
  type ProposalSubject,
  personCodeSubject,
  personSubject,
  recordSubject,
} from "../../identity/subjects.ts";
import type { Actor, ControlChange, ControlLog } from "../../logs/control-log.ts";
import { changedMeanwhile, notHere } from "./desk-call.ts";
import { endCodesOf, personCodeMs } from "./way-in.ts";

/** What an approval writes in its own commit: the proposal's next state, and the lines beside it. */
export interface Agreed {
  /** `approved`: something is to be carried out after the commit. */
  state: "approved" | "done";
  lines: ControlChange[];
}

/** Rejects with a ProblemError where what was proposed cannot be done any more. */
export const agreedChanges = (
  log: ControlLog,
  proposalId: string,
  proposal: ProposalSubject,
  by: Actor,
): Promise<Agreed> => {
  const { what, userId, recordId, codeId, roles = [], reason } = proposal;
  if (what === "disposal") return endOfRecord(log, recordId!, by, reason);
  if (what === "connection") return connectionOf(log, proposal.connectionId!, proposalId, by, reason);
  if (what === "roles") return rolesOf(log, userId!, roles, by, reason);
  return codeOf(log, codeId!, proposalId, by, reason);
};

/**
 * The record's own line says that it was agreed to, on the state in which no legal hold was set: a hold that comes first makes it
 * stale.
 */
const endOfRecord = async (log: ControlLog, recordId: string, by: Actor, reason: string): Promise<Agreed> => {
  const held = await log.find("record", recordId);
  refuseHold(recordSubject.parse(held?.state ?? {}));
  const state = { ...held?.state };
  return {
    state: "approved",
    lines: [{ kind: "record", id: recordId, state, by, reason, expected: held?.position ?? 0 }],
  };
};

export const refuseHold = ({ hold }: { hold: boolean }): void => {
  if (!hold) return;
  throw new ProblemError(
    409,
    "legal-hold",
    "The record is under a legal hold, so nothing of it may end.",
    "The records office lifts the hold once the case is over.",
  );
};

const rolesOf = async (
  log: ControlLog,
  userId: string,
  roles: ProposalSubject["roles"] & object,
  by: Actor,
  reason: string,
): Promise<Agreed> => {
  const held = await log.find("person", userId);
  if (held === undefined) throw notHere("person");
  const state = { ...held.state, roles: [...new Set([...personSubject.parse(held.state).roles, ...roles])] };
  const codes = await endCodesOf(log, userId, by, reason);
  return {
    state: "done",
    lines: [{ kind: "person", id: userId, state, by, reason, expected: held.position }, ...codes],
  };
};

/** It reads from now on, as it was when it was proposed: what was changed since waits for a proposal of its own. */
const connectionOf = async (
  log: ControlLog,
  connectionId: string,
  proposalId: string,
  by: Actor,
  reason: string,
): Promise<Agreed> => {
  const held = await log.find("connection", connectionId);
  if (held === undefined) throw notHere("connection");
  const { waits, ...state } = connectionSubject.parse(held.state);
  if (waits !== proposalId) throw changedMeanwhile();
  return {
    state: "done",
    lines: [{ kind: "connection", id: connectionId, state, by, reason, expected: held.position }],
  };
};

/** The code that lies ready opens from now on. */
const codeOf = async (log: ControlLog, codeId: string, agreed: string, by: Actor, reason: string): Promise<Agreed> => {
  const held = await log.find("enrolment-code", codeId);
  if (held === undefined) throw notHere("code");
  const { waits: _waits, ...code } = personCodeSubject.parse(held.state);
  const state = { ...code, agreed, expiresAt: new Date(Date.now() + personCodeMs).toISOString() };
  return {
    state: "done",
    lines: [{ kind: "enrolment-code", id: codeId, state, by, reason, expected: held.position }],
  };
};

import { randomUUID } from "node:crypto";
import { type ProposalRow, proposalDays } from "#protocol/control/proposals.ts";
import { type ProposalSubject, proposalSubject } from "../../identity/subjects.ts";
import type { Actor, ControlChange, ControlLog, Subject } from "../../logs/control-log.ts";

const lapseMs = proposalDays * 24 * 3_600_000;

export const lapsesAt = ({ since }: Pick<ProposalSubject, "since">): string =>
  new Date(Date.parse(since) + lapseMs).toISOString();

/** A proposal that nobody decided in time has lapsed, without a line that says so. */
export const stateOf = (proposal: ProposalSubject, nowMs: number): ProposalRow["state"] => {
  if (proposal.state !== "open") return proposal.state;
  return Date.parse(lapsesAt(proposal)) <= nowMs ? "lapsed" : "waiting";
};

/** The line that begins a proposal, and its id. */
export const proposalLine = (
  by: Actor,
  proposed: Omit<ProposalSubject, "by" | "since" | "state">,
): { id: string; line: ControlChange } => {
  const id = randomUUID();
  const since = new Date().toISOString();
  const state: ProposalSubject = { ...proposed, by: by.userId!, since, state: "open" };
  return { id, line: { kind: "proposal", id, state, by, reason: proposed.reason, expected: 0 } };
};

export const proposalOf = ({ state }: Subject): ProposalSubject => proposalSubject.parse(state);

/** Those that wait for a second person. */
export const waitingProposals = async (log: ControlLog): Promise<ProposalSubject[]> => {
  const nowMs = Date.now();
  return (await log.all("proposal")).map(proposalOf).filter((each) => stateOf(each, nowMs) === "waiting");
};

/** User id → the desk roles that are proposed for that person. */
export const waitingRoles = async (
  log: ControlLog,
): Promise<ReadonlyMap<string, ProposalSubject["roles"] & object>> => {
  const waiting = new Map<string, ProposalSubject["roles"] & object>();
  for (const { userId, roles = [] } of await waitingProposals(log))
    if (userId !== undefined && roles.length > 0) waiting.set(userId, [...(waiting.get(userId) ?? []), ...roles]);
  return waiting;
};

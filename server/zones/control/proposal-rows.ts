import type { ProposalRow } from "#protocol/control/proposals.ts";
import { readPeople } from "../../identity/people.ts";
import { connectionSubject, type ProposalSubject, recordSubject } from "../../identity/subjects.ts";
import type { ControlLog, Subject } from "../../logs/control-log.ts";
import { actorName, type Names, namesOf } from "./history.ts";
import { lapsesAt, proposalOf, stateOf } from "./proposals.ts";
import { passkeysOf } from "./way-in.ts";

/** Also what was agreed and could not be carried out yet. */
const isWaiting = (subject: Subject, nowMs: number): boolean =>
  ["waiting", "approved"].includes(stateOf(proposalOf(subject), nowMs));

export const countWaiting = async (log: Pick<ControlLog, "all">): Promise<number> => {
  const nowMs = Date.now();
  return (await log.all("proposal")).filter((subject) => isWaiting(subject, nowMs)).length;
};

/** Rows know nobody but `caller` as themselves. */
export const readProposals = async (
  log: ControlLog,
  show: "waiting" | "decided",
  caller: string | undefined,
): Promise<ProposalRow[]> => {
  const [all, names, passkeys, people] = await Promise.all([
    log.all("proposal"),
    namesOf(log),
    passkeysOf(log),
    readPeople(log),
  ]);
  const linked = new Set(people.flatMap(({ userId, provider }) => (provider ? [userId] : [])));
  const nowMs = Date.now();
  const wanted = all.filter((subject) => isWaiting(subject, nowMs) === (show === "waiting"));
  return Promise.all(
    wanted.map(async (subject): Promise<ProposalRow> => {
      const proposal = proposalOf(subject);
      const row = rowOf(subject, proposal, nowMs, names, { passkeys, linked }, caller);
      return { ...row, ...(await holdOf(log, proposal, names)), ...(await connectionOf(log, proposal)) };
    }),
  );
};

/** Whether a legal hold stands, and the last time that one was lifted, which whoever approves should know. */
const holdOf = async (
  log: ControlLog,
  { recordId }: ProposalSubject,
  names: Names,
): Promise<Pick<ProposalRow, "hold" | "holdLifted">> => {
  if (recordId === undefined) return { hold: false };
  const lines = (await log.history("record", recordId)).map((line) => ({
    ...line,
    ...recordSubject.parse(line.state),
  }));
  const lifted = lines.findLast((line, i) => !line.hold && lines[i - 1]?.hold === true);
  return {
    hold: lines.at(-1)?.hold ?? false,
    ...(lifted && { holdLifted: { at: lifted.changed.toISOString(), by: actorName(names, lifted.by) } }),
  };
};

const connectionOf = async (
  log: ControlLog,
  { connectionId }: ProposalSubject,
): Promise<Pick<ProposalRow, "connection">> => {
  const held = connectionId === undefined ? undefined : await log.find("connection", connectionId);
  if (held === undefined) return {};
  const { name, siteId, types, proof } = connectionSubject.parse(held.state);
  const reads = types.includes("*") ? "everything" : types.join(", ");
  const tokens = proof === "dpop" ? "tokens bound to its key" : "bearer tokens, which read for whoever holds one";
  return { connection: `${name} reads ${reads} of ${siteId}, with ${tokens}` };
};

const rowOf = (
  { id, position }: Subject,
  proposal: ProposalSubject,
  nowMs: number,
  names: Names,
  ways: { passkeys: ReadonlyMap<string, number>; linked: ReadonlySet<string> },
  caller: string | undefined,
): Omit<ProposalRow, "hold" | "holdLifted" | "connection"> => {
  const { what, recordId, early, demonstration, userId, roles, by, reason, since, decidedBy, decided, words } =
    proposal;
  return {
    proposalId: id,
    what,
    ...(recordId !== undefined && { recordId }),
    early,
    demonstration,
    ...(userId !== undefined && {
      person: names.person(userId),
      passkeys: ways.passkeys.get(userId) ?? 0,
      hasProvider: ways.linked.has(userId),
    }),
    ...(roles !== undefined && { roles }),
    by: names.person(by),
    reason,
    since,
    lapses: lapsesAt(proposal),
    state: stateOf(proposal, nowMs),
    own: caller === by || caller === userId,
    ...(decidedBy !== undefined && { decidedBy: names.person(decidedBy) }),
    ...(decided !== undefined && { decided }),
    ...(words !== undefined && { words }),
    position,
  };
};

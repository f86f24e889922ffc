import type { ProposalRow } from "#protocol/control/proposals.ts";
import { readPeople } from "../../identity/people.ts";
import { type ProposalSubject, recordSubject } from "../../identity/subjects.ts";
import type { ControlLog, Subject } from "../../logs/control-log.ts";
import { type Names, namesOf } from "./history.ts";
import { lapsesAt, proposalOf, stateOf } from "./proposals.ts";
import { passkeysOf } from "./way-in.ts";

/** Waiting is also what was agreed and could not be carried out yet. Rows know nobody but `caller` as themselves. */
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
  const wanted = all.filter((subject) => {
    const state = stateOf(proposalOf(subject), nowMs);
    return (state === "waiting" || state === "approved") === (show === "waiting");
  });
  return Promise.all(
    wanted.map(async (subject): Promise<ProposalRow> => {
      const proposal = proposalOf(subject);
      return {
        ...rowOf(subject, proposal, nowMs, names, { passkeys, linked }, caller),
        hold: await isHeld(log, proposal),
      };
    }),
  );
};

const isHeld = async (log: ControlLog, { recordId }: ProposalSubject): Promise<boolean> => {
  const record = recordId === undefined ? undefined : await log.find("record", recordId);
  return recordSubject.parse(record?.state ?? {}).hold;
};

const rowOf = (
  { id, position }: Subject,
  proposal: ProposalSubject,
  nowMs: number,
  names: Names,
  ways: { passkeys: ReadonlyMap<string, number>; linked: ReadonlySet<string> },
  caller: string | undefined,
): Omit<ProposalRow, "hold"> => {
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

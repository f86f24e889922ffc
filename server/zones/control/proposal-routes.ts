import type { FastifyInstance } from "fastify";
import * as z from "zod/mini";
import type { Page } from "#protocol/control/page.ts";
import {
  type ProposalCount,
  type ProposalDecided,
  type ProposalRow,
  proposalDecision,
  proposalsQuery,
} from "#protocol/control/proposals.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import type { ProposalSubject } from "../../identity/subjects.ts";
import type { Actor, Subject } from "../../logs/control-log.ts";
import { agreedChanges } from "./agreed-changes.ts";
import { changedMeanwhile, deskCall, notHere } from "./desk-call.ts";
import { pageRowsOf } from "./paging.ts";
import { countWaiting, readProposals } from "./proposal-rows.ts";
import { proposalOf, stateOf } from "./proposals.ts";
import { passkeysOf } from "./way-in.ts";

const config = { action: "approve" } as const;
const byId = z.object({ proposalId: z.uuid() });

/** What waits for a second person, and that person's decision. */
export const proposalRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.get("/control/v1/proposals", { config }, async (request): Promise<Page<ProposalRow>> => {
    const { log, by, noteAccess } = await deskCall(cells, request);
    const { show, ...query } = parseMessage(proposalsQuery, request.query);
    const rows = await readProposals(log, show, by.userId);
    await noteAccess("proposals", { recordIds: rows.flatMap(({ recordId }) => recordId ?? []) });
    const columns = {
      since: (row: ProposalRow) => row.since,
      what: (row: ProposalRow) => row.what,
      by: (row: ProposalRow) => row.by,
      decided: (row: ProposalRow) => row.decided ?? row.lapses,
    };
    return pageRowsOf(rows, query, columns, (row) => [
      row.what,
      row.recordId,
      row.person,
      row.by,
      row.decidedBy,
      row.state,
    ]);
  });

  // A number of nobody and of no record: no access line, or each page of the desk would write one.
  app.get("/control/v1/proposals/count", { config }, async (request): Promise<ProposalCount> => {
    const { log } = await deskCall(cells, request);
    return { waiting: await countWaiting(log) };
  });

  app.post(
    "/control/v1/proposals/:proposalId",
    { config, bodyLimit: 4_000 },
    async (request): Promise<ProposalDecided> => {
      const { cell, log, by, change } = await deskCall(cells, request);
      const { proposalId } = parseMessage(byId, request.params);
      const { decision, words, expected, passkeys } = parseMessage(proposalDecision, request.body);
      const held = await log.find("proposal", proposalId);
      if (held === undefined) throw notHere("proposal");
      const proposal = proposalOf(held);
      mayDecide(held, proposal, by, expected);
      const has = proposal.userId === undefined ? undefined : ((await passkeysOf(log)).get(proposal.userId) ?? 0);
      if (decision === "approve" && has !== passkeys) throw changedMeanwhile();
      const decided = { decidedBy: by.userId!, decided: new Date().toISOString(), words };
      const agreed =
        decision === "approve"
          ? await agreedChanges(log, proposalId, proposal, by)
          : ({ state: "declined", lines: [] } as const);
      const state: ProposalSubject = { ...proposal, ...decided, state: agreed.state };
      const line = { kind: "proposal", id: proposalId, state, by, reason: words, expected } as const;
      const about = proposal.recordId === undefined ? [] : [proposal.recordId];
      await change(`${proposal.what}-${decision}`, [line, ...agreed.lines], about);
      if (agreed.state !== "approved") return { state: agreed.state };
      // It is agreed whatever happens now: what cannot be carried out at once is when the server next can.
      await cell.carryOutDisposals().catch(() => {});
      const after = await log.find("proposal", proposalId);
      return { state: stateOf(proposalOf(after!), Date.now()) };
    },
  );
};

/** Throws unless this person may decide on the proposal as it was shown. */
const mayDecide = (held: Subject, proposal: ProposalSubject, by: Actor, expected: number): void => {
  if (held.position !== expected) throw changedMeanwhile();
  if (proposal.by === by.userId)
    throw new ProblemError(
      403,
      "own-proposal",
      "Nobody decides on what they proposed themselves.",
      "Another person with the right to approve decides.",
    );
  if (proposal.userId === by.userId)
    throw new ProblemError(403, "own-roles", "Nobody gives a role or a way in to themselves.", "Leave it to another.");
  const state = stateOf(proposal, Date.now());
  if (state === "lapsed")
    throw new ProblemError(
      409,
      "lapsed",
      "Nobody decided on this in time.",
      "Whoever proposed it can propose it again.",
    );
  if (state !== "waiting") throw changedMeanwhile();
};

import type { FastifyInstance } from "fastify";
import * as z from "zod/mini";
import { uuid } from "#domain/entry/entry.ts";
import { fold } from "#domain/record.ts";
import { disposalProposal, type LateRecord } from "#protocol/control/records.ts";
import { placeOfRecord } from "../../disposal/dispose-record.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { recordSubject } from "../../identity/subjects.ts";
import { refuseHold } from "./agreed-changes.ts";
import { changedMeanwhile, deskCall, notHere } from "./desk-call.ts";
import { proposalLine, proposalOf, stateOf } from "./proposals.ts";
import { keptUntil, readRecord } from "./read-record.ts";

const byId = z.object({ recordId: uuid });
const lateMax = 100;

/** The end of a record: proposed here, decided by somebody else; and what came for a record after its end. */
export const disposalRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.get(
    "/control/v1/disposals",
    { config: { action: "see-disposals" } },
    async (request): Promise<{ rows: LateRecord[] }> => {
      const { cell, noteAccess } = await deskCall(cells, request);
      const { rows } = await cell.pools.control.query<LateRow>({
        name: "late-records",
        text: "SELECT * FROM late_records($1)",
        values: [lateMax],
      });
      await noteAccess("see-disposals", { recordIds: rows.map(({ record_id }) => record_id) });
      return { rows: rows.map(asLate) };
    },
  );

  app.post(
    "/control/v1/records/:recordId/disposal",
    { config: { action: "dispose" }, bodyLimit: 4_000 },
    async (request) => {
      const { recordId } = parseMessage(byId, request.params);
      const { cell, log, by, noteAccess, change } = await deskCall(cells, request, recordId);
      const { early, reason, expected } = parseMessage(disposalProposal, request.body);
      const held = await log.find("record", recordId);
      if ((held?.position ?? 0) !== expected) throw changedMeanwhile();
      const marks = recordSubject.parse(held?.state ?? {});
      refuseHold(marks);
      const before = marks.proposalId === undefined ? undefined : await log.find("proposal", marks.proposalId);
      const standing = before && stateOf(proposalOf(before), Date.now());
      if (standing === "waiting" || standing === "approved")
        throw new ProblemError(
          409,
          "already-proposed",
          "Somebody has proposed this already.",
          "It waits for approval.",
        );
      await noteAccess("desk-read", { recordIds: [recordId], detail: "disposal" });
      const lines = await readRecord(cell, recordId);
      const place = await placeOfRecord(cell.pools.control, recordId);
      if (place === undefined) throw notHere("record");
      const record = fold(lines.map(({ entry }) => entry));
      const isEarly = (await keptUntil(log, lines, record)) > new Date().toISOString().slice(0, 10);
      if (isEarly && !early)
        throw new ProblemError(
          409,
          "too-early",
          "The retention term of this record has not ended.",
          "If it must end all the same, say that it is before the term, and why.",
        );
      const demonstration = record.incident?.body.demonstration === true;
      const proposed = {
        what: "disposal",
        recordId,
        through: place.last,
        early: isEarly,
        demonstration,
        reason,
      } as const;
      const { id: proposalId, line } = proposalLine(by, proposed);
      const state = { ...held?.state, proposalId };
      // On the state in which no hold was set: one that comes first makes it stale.
      const ofRecord = { kind: "record", id: recordId, state, by, reason, expected } as const;
      return { position: await change("disposal-proposal", [line, ofRecord], [recordId]) };
    },
  );
};

interface LateRow {
  record_id: string;
  disposed: Date;
  entries: string;
  last_received: Date;
}

const asLate = ({ record_id, disposed, entries, last_received }: LateRow): LateRecord => ({
  recordId: record_id,
  disposed: disposed.toISOString(),
  entries: Number(entries),
  lastReceived: last_received.toISOString(),
});

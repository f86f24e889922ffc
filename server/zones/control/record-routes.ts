import type { FastifyInstance } from "fastify";
import * as z from "zod/mini";
import { coSignText } from "#domain/co-signature/words.ts";
import { uuid } from "#domain/entry/entry.ts";
import { timelineLines } from "#domain/entry/struck.ts";
import { fold } from "#domain/record.ts";
import { copyRequest, type DeskRecord, recordMarks } from "#protocol/control/records.ts";
import { redactedCopy } from "#sharing/page/redacted-copy.ts";
import { said } from "#sharing/said.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { recordSubject } from "../../identity/subjects.ts";
import { renderPdf } from "../../pages/render-pdf.ts";
import { deskCall } from "./desk-call.ts";
import { historyOf } from "./history.ts";
import { proposalOf, stateOf } from "./proposals.ts";
import { keptUntil, readRecord } from "./read-record.ts";

const reads = { action: "read-record" } as const;
const redacts = { action: "redact" } as const;
const byId = z.object({ recordId: uuid });

/** The records office: one record at a time, each with its reason; its marks, and copies of it with parts withheld. */
export const recordRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.get("/control/v1/records/:recordId", { config: reads }, async (request): Promise<DeskRecord> => {
    const { recordId } = parseMessage(byId, request.params);
    const { cell, log, noteAccess } = await deskCall(cells, request, recordId);
    await noteAccess("desk-read", { recordIds: [recordId] });
    const lines = await readRecord(cell, recordId);
    const record = fold(lines.map(({ entry }) => entry));
    const held = await log.find("record", recordId);
    const { restricted, hold, proposalId, disposal } = recordSubject.parse(held?.state ?? {});
    const asked = proposalId === undefined ? undefined : await log.find("proposal", proposalId);
    const proposal = asked && proposalOf(asked);
    const isProposed = proposal !== undefined && stateOf(proposal, Date.now()) === "waiting";
    return {
      lines: timelineLines(record).map((line) => ({
        rootId: line.rootId,
        occurredAt: line.entry.occurredAt,
        ...said(line, record),
        author: [line.entry.author.name, line.entry.author.role, coSignText(line)].filter(Boolean).join(", "),
        struck: line.state === "struck",
      })),
      demonstration: record.incident?.body.demonstration === true,
      ...(restricted !== undefined && { restricted }),
      hold,
      keepUntil: await keptUntil(log, lines, record),
      ...(isProposed && { proposed: proposal.since }),
      ...(disposal !== undefined && { disposed: disposal.at }),
      position: held?.position ?? 0,
    };
  });

  app.get("/control/v1/records/:recordId/history", { config: reads }, async (request) => {
    const { recordId } = parseMessage(byId, request.params);
    const { log, noteAccess } = await deskCall(cells, request, recordId);
    await noteAccess("record-history", { recordIds: [recordId] });
    return { lines: await historyOf(log, "record", recordId) };
  });

  app.post("/control/v1/records/:recordId/marks", { config: redacts, bodyLimit: 4_000 }, async (request) => {
    const { recordId } = parseMessage(byId, request.params);
    const { log, by, change } = await deskCall(cells, request, recordId);
    const { restricted, hold, reason, expected } = parseMessage(recordMarks, request.body);
    const state = { ...(await log.find("record", recordId))?.state, restricted, hold };
    return { position: await change("record-marks", [{ kind: "record", id: recordId, state, by, reason, expected }]) };
  });

  app.post("/control/v1/records/:recordId/copy", { config: redacts, bodyLimit: 600_000 }, async (request, reply) => {
    const { recordId } = parseMessage(byId, request.params);
    const { cell, log, by, noteAccess, change } = await deskCall(cells, request, recordId);
    const { for: whom, withheld, reason } = parseMessage(copyRequest, request.body);
    await noteAccess("desk-copy", { recordIds: [recordId], detail: `${whom}, ${withheld.length} withheld` });
    const model = redactedCopy(await readRecord(cell, recordId), withheld, cell.name, new Date().toISOString());
    if (model === null)
      throw new ProblemError(400, "all-withheld", "Nothing would be left of the record.", "Leave some of it in.");
    // What the copy says, and what not, is known for as long as the log is.
    const lastCopy = { at: new Date().toISOString(), for: whom, withheld };
    const held = await log.find("record", recordId);
    const state = { ...held?.state, lastCopy };
    const expected = held?.position ?? 0;
    await change("record-copy", [{ kind: "record", id: recordId, state, by, reason, expected }]);
    return reply
      .type("application/pdf")
      .header("content-disposition", 'attachment; filename="record-copy.pdf"')
      .send(await renderPdf(model, new Map()));
  });
};

import type { FastifyInstance } from "fastify";
import { type ProofResponse, proofResult } from "#protocol/control/proof.ts";
import type { Cells } from "../../http/cell-host.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { proofSubjectId } from "../../verify/proof-subject.ts";
import { deskCall } from "./desk-call.ts";

/** What the last proof of the logs found. */
export const proofRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.get("/control/v1/proof", { config: { action: "see-proof" } }, async (request): Promise<ProofResponse> => {
    const { cell, log, noteAccess } = await deskCall(cells, request);
    const held = await log.find("proof", proofSubjectId);
    const latest = proofResult.safeParse(held?.state);
    const recordIds = latest.success ? latest.data.logs.flatMap(({ records }) => records) : [];
    await noteAccess("see-proof", { recordIds: [...new Set(recordIds)] });
    return {
      ...(latest.success && { latest: latest.data }),
      witnesses: cell.witnesses,
      running: cell.prover?.isRunning() ?? false,
      able: cell.prover !== undefined,
    };
  });

  app.post("/control/v1/proof", { config: { action: "see-proof" }, bodyLimit: 1_000 }, async (request, reply) => {
    const { cell, noteAccess } = await deskCall(cells, request);
    if (cell.prover === undefined)
      throw new ProblemError(
        409,
        "no-archive",
        "This server seals into no archive, so there is nothing to compare with.",
        "Set HOLDFAST_LETTERBOX, or ask whoever runs the base.",
      );
    await noteAccess("prove-logs");
    // A run that fails shows by the time of the last one.
    cell.prover.run().catch(() => {});
    return reply.code(202).send({});
  });
};

import type { FastifyInstance, FastifyRequest } from "fastify";
import { uuid } from "#domain/entry/entry.ts";
import { decodeEcg, type EcgFile, EcgFileError } from "#monitoring/ecg-file.ts";
import { ProblemError } from "#server/http/problem-error.ts";
import type { RecordAccess, RecordRouteDeps } from "#server/zones/care/record-access.ts";
import { type PageBlock, pageModel } from "#sharing/page/page-model.ts";
import { renderPdf } from "./render-pdf.ts";

/** Registers `GET /records/v1/{recordId}/page.pdf`: the printed page of a record that the caller's site may read. */
export const pageRoutes = (app: FastifyInstance, deps: RecordRouteDeps): void => {
  app.get(
    "/records/v1/:recordId/page.pdf",
    { config: { action: "print" } },
    async (request: FastifyRequest<{ Params: { recordId: string } }>, reply) => {
      const { recordId } = request.params;
      if (!uuid.safeParse(recordId).success)
        throw new ProblemError(400, "bad-id", "This is no record's id.", "A record's id is a UUID in lower case.");
      const access = await deps.access(request);
      const lines = await access.read(recordId, "page-print");
      if (!lines || lines.length === 0)
        throw new ProblemError(
          404,
          "no-such-record",
          "There is no such record for this site.",
          "Check the id, and that the record came to this site.",
        );
      const model = pageModel(lines, access.trust.name, new Date().toISOString(), access.standby);
      const pdf = await renderPdf(model, await ecgsOf(access, recordId, model.blocks));
      return reply
        .type("application/pdf")
        .header("cache-control", "no-store")
        .header("content-disposition", 'inline; filename="ambulance-record.pdf"')
        .send(pdf);
    },
  );
};

/** Most recordings that one page draws. */
const ecgsMax = 12;

const ecgsOf = async (
  access: RecordAccess,
  recordId: string,
  blocks: readonly PageBlock[],
): Promise<Map<string, EcgFile>> => {
  const found = new Map<string, EcgFile>();
  for (const block of blocks.filter((one) => one.block === "ecg").slice(0, ecgsMax)) {
    const bytes = await access.blob(recordId, block.sha256);
    try {
      if (bytes) found.set(block.sha256, decodeEcg(bytes));
    } catch (error) {
      // A file of another format is no reason to print nothing.
      if (!(error instanceof EcgFileError)) throw error;
    }
  }
  return found;
};

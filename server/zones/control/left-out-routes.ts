import type { FastifyInstance } from "fastify";
import type { LeftOutRow } from "#protocol/control/left-out.ts";
import { type Page, pageQuery } from "#protocol/control/page.ts";
import { readLeftOutChange } from "../../epochs/left-out.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { deskCall } from "./desk-call.ts";
import { actorName, namesOf } from "./history.ts";
import { pageRowsOf } from "./paging.ts";

/** Changes that an earlier base made after the line that was chosen: what somebody may have to do again, or to undo elsewhere. */
export const leftOutRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.get("/control/v1/left-out", { config: { action: "see-proof" } }, async (request): Promise<Page<LeftOutRow>> => {
    const { log, noteAccess } = await deskCall(cells, request);
    const query = parseMessage(pageQuery, request.query);
    const [held, names] = await Promise.all([log.all("left-out"), namesOf(log)]);
    await noteAccess("left-out");
    const rows = held.map(({ state }): LeftOutRow => {
      const { by, ...change } = readLeftOutChange(state);
      const { kind, id } = change;
      const name = kind === "device" ? names.device(id) : names.person(id);
      return { ...change, name, by: kind === "" ? "not known" : actorName(names, by) };
    });
    const columns = {
      received: (row: LeftOutRow) => row.received,
      kind: (row: LeftOutRow) => row.kind,
      name: (row: LeftOutRow) => row.name,
      by: (row: LeftOutRow) => row.by,
    };
    return pageRowsOf(rows, query, columns, (row) => [row.kind, row.id, row.name, row.by]);
  });
};

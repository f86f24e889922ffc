import type { FastifyInstance } from "fastify";
import * as z from "zod/mini";
import { machineOf } from "#domain/paper/number.ts";
import { type Page, pageQuery } from "#protocol/control/page.ts";
import { type PackRow, packIssue, packNew, packText } from "#protocol/control/paper.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { packRowOf, readForms } from "../../paper/accounts.ts";
import { type PackSubject, packSubject } from "../../paper/subjects.ts";
import { lettersOf } from "../../trusts.ts";
import { deskCall, notHere } from "./desk-call.ts";
import { historyOf } from "./history.ts";
import { pageRowsOf } from "./paging.ts";

const config = { action: "enter-paper" } as const;
const byId = z.object({ pack: packText });

/** Packs of paper forms: which were printed, who has them, and how many of their numbers are still open. */
export const paperPackRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.get("/control/v1/paper/packs", { config }, async (request): Promise<Page<PackRow>> => {
    const { log, noteAccess } = await deskCall(cells, request);
    const query = parseMessage(pageQuery, request.query);
    const { packs, forms } = await readForms(log);
    const ofPack = Map.groupBy(forms, ({ pack }) => pack.pack);
    const rows = packs.map((pack) => packRowOf(pack, ofPack.get(pack.pack) ?? []));
    await noteAccess("paper-packs");
    const columns = {
      open: (row: PackRow) => row.open,
      pack: (row: PackRow) => row.pack,
      vehicle: (row: PackRow) => row.vehicle,
      issuedAt: (row: PackRow) => row.issuedAt,
      printedAt: (row: PackRow) => row.printedAt,
    };
    return pageRowsOf(rows, query, columns, (row) => [row.pack, row.vehicle, row.heldBy]);
  });

  app.get("/control/v1/paper/packs/:pack/history", { config }, async (request) => {
    const { log, noteAccess } = await deskCall(cells, request);
    const { pack } = parseMessage(byId, request.params);
    await noteAccess("paper-pack-history", { detail: `pack ${pack}` });
    return { lines: await historyOf(log, "paper-pack", pack) };
  });

  app.post("/control/v1/paper/packs", { config, bodyLimit: 4_000 }, async (request) => {
    const { cell, by, change } = await deskCall(cells, request);
    const { pack, forms, reason } = parseMessage(packNew, request.body);
    const [letters, digits = ""] = pack.split("-");
    if (letters !== lettersOf(cell.trust))
      throw new ProblemError(400, "other-trust", "This pack is another trust's.", "Send the forms to that trust.");
    const machine = machineOf(digits);
    // After a restore a pack of the base's may be missing too: its cover proves that it was printed.
    const state: PackSubject = {
      forms,
      printedAt: new Date().toISOString(),
      ...(machine !== undefined && { machine }),
    };
    return { position: await change("paper-pack", [{ kind: "paper-pack", id: pack, state, by, reason, expected: 0 }]) };
  });

  app.post("/control/v1/paper/packs/:pack", { config, bodyLimit: 4_000 }, async (request) => {
    const { log, by, change } = await deskCall(cells, request);
    const { pack } = parseMessage(byId, request.params);
    const { vehicle, heldBy, reason, expected } = parseMessage(packIssue, request.body);
    const held = await log.find("paper-pack", pack);
    if (held === undefined) throw notHere("pack");
    const state: PackSubject = {
      ...packSubject.parse(held.state),
      vehicle,
      heldBy,
      issuedAt: new Date().toISOString(),
    };
    return { position: await change("paper-issue", [{ kind: "paper-pack", id: pack, state, by, reason, expected }]) };
  });
};

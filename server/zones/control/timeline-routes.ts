import type { FastifyInstance } from "fastify";
import { type TimelinePage, timelineQuery } from "#protocol/control/timeline.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { deskCall } from "./desk-call.ts";
import { namesOf } from "./history.ts";

const recordsShown = 20;

/** Who did what, from the three logs, as `holdfast timeline` tells it. */
export const timelineRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.get("/control/v1/timeline", { config: { action: "see-timeline" } }, async (request): Promise<TimelinePage> => {
    const { cell, log, noteAccess } = await deskCall(cells, request);
    const { from, to, before, device, account, record } = parseMessage(timelineQuery, request.query);
    const filter = { ...(device && { device }), ...(account && { account }), ...(record && { record }) };
    const [since, until] = [new Date(from), new Date(to)];
    if (since >= until)
      throw new ProblemError(400, "times", "The first time is not before the last.", "Swap the two times.");
    if (cell.timeline === undefined)
      throw new ProblemError(
        409,
        "no-archive",
        "This server seals into no archive, and reads no log as a whole.",
        "Run `npx holdfast timeline` at the base.",
      );
    const [{ lines, next }, names] = await Promise.all([
      cell.timeline.page({ filter, from: since, to: until, before }),
      namesOf(log),
    ]);
    const rows = lines.map(({ subject: _, person, device, records, ...line }) => ({
      ...line,
      person: person === null ? null : names.person(person),
      device: device === null ? null : names.device(device),
      records: records.slice(0, recordsShown),
      recordCount: records.length,
    }));
    const asked = Object.entries(filter).map(([about, id]) => `${about} ${id}`);
    const recordIds = [...new Set(rows.flatMap((row) => row.records.filter(isId)))];
    await noteAccess("see-timeline", { detail: asked.join(", ") || "everything", recordIds });
    return { lines: rows, next };
  });
};

/** What a device wrote in a record's place may be anything. */
const isId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

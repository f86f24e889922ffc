import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import * as z from "zod/mini";
import { uuid } from "#domain/entry/entry.ts";
import {
  type ContactRow,
  harmReviewed,
  type OutageRow,
  type OutagesResponse,
  outageAsked,
} from "#protocol/control/outages.ts";
import { type Page, pageQuery } from "#protocol/control/page.ts";
import type { Cell } from "../../cell.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import type { ControlLog, Subject } from "../../logs/control-log.ts";
import type { OutageLister } from "../../outages/open-lister.ts";
import { contactKey, contactSubject, outageSubject } from "../../outages/subjects.ts";
import { csv } from "./csv.ts";
import { type DeskCall, deskCall, notHere } from "./desk-call.ts";
import { type Names, namesOf } from "./history.ts";
import { pageRowsOf } from "./paging.ts";

const config = { action: "review-harm" } as const;
const ofOutage = z.object({ outageId: uuid });
const ofContact = z.object({ outageId: uuid, contactId: z.string().check(z.regex(/^[A-Za-z0-9-]{1,80}$/)) });
const daysMax = 366;

/** Every contact of an outage with what it went without, and what somebody made of that. */
export const outageRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.get("/control/v1/outages", { config }, async (request): Promise<OutagesResponse> => {
    const { cell, log, noteAccess } = await deskCall(cells, request);
    const outages = await readOutages(cell, log);
    await noteAccess("outages");
    return { outages, able: cell.outages !== undefined };
  });

  app.post("/control/v1/outages", { config, bodyLimit: 4_000 }, async (request, reply) => {
    const { cell, by, change } = await deskCall(cells, request);
    const { from, to, lateMinutes, reason } = parseMessage(outageAsked, request.body);
    if (Date.parse(from) >= Date.parse(to) || Date.parse(to) - Date.parse(from) > daysMax * 86_400_000)
      throw new ProblemError(400, "times", `An outage lasts up to ${daysMax} days.`, "Correct the two times.");
    const lister = listerOf(cell);
    const outageId = randomUUID();
    const state = { from, to, lateMinutes, reason, by: by.userId ?? "", since: new Date().toISOString() };
    await change("list-outage", [{ kind: "outage", id: outageId, state, by, reason, expected: 0 }]);
    begin(lister, outageId);
    return reply.code(202).send({ outageId });
  });

  app.post("/control/v1/outages/:outageId", { config, bodyLimit: 1_000 }, async (request, reply) => {
    const { cell, log, noteAccess } = await deskCall(cells, request);
    const { outageId } = await outageOf(log, request.params);
    const lister = listerOf(cell);
    await noteAccess("list-outage", { detail: `outage ${outageId}` });
    begin(lister, outageId);
    return reply.code(202).send({ outageId });
  });

  app.get("/control/v1/outages/:outageId", { config }, async (request): Promise<Page<ContactRow>> => {
    const call = await deskCall(cells, request);
    const query = parseMessage(pageQuery, request.query);
    const { outageId } = await outageOf(call.log, request.params);
    const rows = await readContacts(call.log, outageId);
    const page = pageRowsOf(rows, query, columns, ({ contactId, forms, devices, missing, outcome }) => [
      contactId,
      outcome,
      ...forms,
      ...devices,
      ...missing.map(({ what }) => what),
    ]);
    await noteContacts(call, "outage-contacts", outageId, page.rows);
    return page;
  });

  app.post("/control/v1/outages/:outageId/contacts/:contactId", { config, bodyLimit: 4_000 }, async (request) => {
    const { log, by, change } = await deskCall(cells, request);
    const { outageId, contactId } = parseMessage(ofContact, request.params);
    const { outcome, words, expected } = parseMessage(harmReviewed, request.body);
    const id = contactKey(outageId, contactId);
    const held = await log.find("outage-contact", id);
    if (held === undefined) throw notHere("contact");
    const state = { ...contactSubject.parse(held.state), more: false, outcome, words, reviewer: by.userId };
    const line = { kind: "outage-contact", id, state, by, reason: words, expected } as const;
    return { position: await change(`harm-${outcome}`, [line], state.recordId === undefined ? [] : [state.recordId]) };
  });

  app.post(
    "/control/v1/outages/:outageId/export",
    { config: { action: "export" }, bodyLimit: 1_000 },
    async (request, reply) => {
      const call = await deskCall(cells, request);
      const { outageId } = await outageOf(call.log, request.params);
      const rows = await readContacts(call.log, outageId);
      await noteContacts(call, "export-outage", outageId, rows);
      return reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", `attachment; filename="outage-${call.cell.trust}-${outageId}.csv"`)
        .send(Readable.from(csv([Object.keys(fileColumns), ...rows.map(fileCells)])));
    },
  );
};

/** A run that fails shows by `listedAt`: it stays as it was, and the page offers it again. */
const begin = (lister: OutageLister, outageId: string): void => {
  lister.list(outageId).catch(() => {});
};

const listerOf = ({ outages }: Cell): OutageLister => {
  if (outages !== undefined) return outages;
  throw new ProblemError(
    409,
    "no-archive",
    "This server seals into no archive, and reads no log as a whole.",
    "Set HOLDFAST_LETTERBOX, or ask whoever runs the base.",
  );
};

const outageOf = async (log: ControlLog, params: unknown): Promise<{ outageId: string }> => {
  const { outageId } = parseMessage(ofOutage, params);
  if ((await log.find("outage", outageId)) === undefined) throw notHere("outage");
  return { outageId };
};

const noteContacts = (
  { noteAccess }: DeskCall,
  action: string,
  outageId: string,
  rows: readonly ContactRow[],
): Promise<void> =>
  noteAccess(action, { detail: `outage ${outageId}`, recordIds: rows.flatMap(({ recordId }) => recordId ?? []) });

/** Newest outage first. */
const readOutages = async (cell: Cell, log: ControlLog): Promise<OutageRow[]> => {
  // Before the log is read: whose run ended meanwhile is asked about once more, and not missed.
  const running = cell.outages?.listing();
  const [outages, contacts, names] = await Promise.all([log.all("outage"), log.all("outage-contact"), namesOf(log)]);
  const rows = outages.map(({ id, position, state }): OutageRow => {
    const { by, ...outage } = outageSubject.parse(state);
    const own = contacts.filter((contact) => contact.id.startsWith(`${id}.`)).map((each) => rowOf(each, names));
    return {
      outageId: id,
      ...outage,
      by: names.person(by),
      running: running?.has(id) ?? false,
      contacts: own.length,
      open: own.filter((row) => weightOf(row) < settled).length,
      position,
    };
  });
  return rows.sort((a, b) => b.since.localeCompare(a.since));
};

const readContacts = async (log: ControlLog, outageId: string): Promise<ContactRow[]> => {
  const [contacts, names] = await Promise.all([log.all("outage-contact"), namesOf(log)]);
  return contacts.filter(({ id }) => id.startsWith(`${outageId}.`)).map((each) => rowOf(each, names));
};

const rowOf = ({ id, position, state }: Subject, names: Names): ContactRow => {
  const { reviewer, devices, ...contact } = contactSubject.parse(state);
  return {
    ...contact,
    contactId: id.slice(id.indexOf(".") + 1),
    devices: devices.map(names.device),
    ...(reviewer !== undefined && { reviewedBy: names.person(reviewer) }),
    position,
  };
};

/** What is to be looked at comes first, and what nothing was missing of comes last. */
const settled = 2;
const weightOf = ({ missing, more, outcome }: ContactRow): number => {
  if (more) return 0;
  if (outcome !== undefined) return settled;
  return missing.length > 0 ? 1 : settled + 1;
};

const columns = {
  review: weightOf,
  firstAt: ({ firstAt }: ContactRow) => firstAt,
  contact: ({ contactId }: ContactRow) => contactId,
  outcome: ({ outcome }: ContactRow) => outcome ?? "",
};

const fileColumns: Record<string, (row: ContactRow) => string | number | undefined> = {
  contact: ({ contactId }) => contactId,
  record: ({ recordId }) => recordId,
  "paper forms": ({ forms }) => forms.join(" "),
  devices: ({ devices }) => devices.join(" "),
  first: ({ firstAt }) => firstAt,
  last: ({ lastAt }) => lastAt,
  missing: ({ missing }) =>
    missing
      .map(({ what, count, minutes }) => `${what} ${count}${minutes === undefined ? "" : ` (${minutes} min)`}`)
      .join("; "),
  "more since the review": ({ more }) => (more ? "yes" : ""),
  outcome: ({ outcome }) => outcome,
  words: ({ words }) => words,
  reviewer: ({ reviewedBy }) => reviewedBy,
};
const fileCells = (row: ContactRow) => Object.values(fileColumns).map((cell) => cell(row));

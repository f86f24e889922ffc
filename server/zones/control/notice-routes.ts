import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import * as z from "zod/mini";
import { uuid } from "#domain/entry/entry.ts";
import {
  type ContactsResponse,
  contactsChange,
  type NoticeRow,
  noticeEnd,
  noticeNew,
} from "#protocol/control/notices.ts";
import { type Page, pageQuery } from "#protocol/control/page.ts";
import {
  type ContactsStatement,
  type NoticeStatement,
  noticeDaysMax,
  noticeStatement,
  noticesMax,
} from "#protocol/downtime.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { contactsSetting, contactsSettingId, noticeSubject } from "../../paper/subjects.ts";
import { deskCall, notHere } from "./desk-call.ts";
import { historyOf, namesOf } from "./history.ts";
import { pageRowsOf } from "./paging.ts";

const config = { action: "manage-notices" } as const;
const byId = z.object({ noticeId: uuid });
const dayMs = 86_400_000;

/** What the trust tells its crews when nothing else does, and whom they ask. Signed here, once; any server may pass it on. */
export const noticeRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.get("/control/v1/notices", { config }, async (request): Promise<Page<NoticeRow>> => {
    const { log, noteAccess } = await deskCall(cells, request);
    const query = parseMessage(pageQuery, request.query);
    const rows = (await log.all("notice")).map(({ position, state }): NoticeRow => {
      const { signed, until, ended } = noticeSubject.parse(state);
      const { type: _type, trust: _trust, ...says } = noticeStatement.parse(JSON.parse(signed.statement));
      return { ...says, over: ended === true || Date.parse(until) <= Date.now(), position };
    });
    await noteAccess("notices");
    const columns = {
      issuedAt: (row: NoticeRow) => row.issuedAt,
      until: (row: NoticeRow) => row.until,
      title: (row: NoticeRow) => row.title,
    };
    return pageRowsOf(rows, query, columns, (row) => [row.title, row.words, row.by]);
  });

  app.post("/control/v1/notices", { config, bodyLimit: 16_000 }, async (request) => {
    const { cell, log, by, change } = await deskCall(cells, request);
    const { title, words, until, reason } = parseMessage(noticeNew, request.body);
    const nowMs = Date.now();
    if (Date.parse(until) <= nowMs || Date.parse(until) > nowMs + noticeDaysMax * dayMs)
      throw new ProblemError(400, "until", `A notice stands for ${noticeDaysMax} days at most.`, "Give another end.");
    const standing = (await log.all("notice")).map(({ state }) => noticeSubject.parse(state));
    if (standing.filter((each) => each.ended !== true && Date.parse(each.until) > nowMs).length >= noticesMax)
      throw new ProblemError(409, "too-many", `${noticesMax} notices stand already.`, "End one of them first.");
    const noticeId = randomUUID();
    const says: NoticeStatement = {
      type: "notice",
      trust: cell.trust,
      noticeId,
      title,
      words,
      by: (await namesOf(log)).person(by.userId ?? ""),
      issuedAt: new Date(nowMs).toISOString(),
      until,
    };
    const state = { signed: cell.issuer.sign({ ...says }), until };
    return { position: await change("notice", [{ kind: "notice", id: noticeId, state, by, reason, expected: 0 }]) };
  });

  app.post("/control/v1/notices/:noticeId/end", { config, bodyLimit: 4_000 }, async (request) => {
    const { log, by, change } = await deskCall(cells, request);
    const { noticeId } = parseMessage(byId, request.params);
    const { reason, expected } = parseMessage(noticeEnd, request.body);
    const held = await log.find("notice", noticeId);
    if (held === undefined) throw notHere("notice");
    const state = { ...noticeSubject.parse(held.state), ended: true };
    return { position: await change("notice-end", [{ kind: "notice", id: noticeId, state, by, reason, expected }]) };
  });

  app.get("/control/v1/contacts", { config }, async (request): Promise<ContactsResponse> => {
    const { log, noteAccess } = await deskCall(cells, request);
    const held = await log.find("setting", contactsSettingId);
    await noteAccess("contacts");
    return {
      contacts: held === undefined ? [] : contactsSetting.parse(held.state).contacts,
      position: held?.position ?? 0,
    };
  });

  app.get("/control/v1/contacts/history", { config }, async (request) => {
    const { log, noteAccess } = await deskCall(cells, request);
    await noteAccess("contacts-history");
    return { lines: await historyOf(log, "setting", contactsSettingId) };
  });

  app.post("/control/v1/contacts", { config, bodyLimit: 16_000 }, async (request) => {
    const { cell, by, change } = await deskCall(cells, request);
    const { contacts, reason, expected } = parseMessage(contactsChange, request.body);
    const says: ContactsStatement = {
      type: "contacts",
      trust: cell.trust,
      contacts,
      issuedAt: new Date().toISOString(),
    };
    const state = { contacts, signed: cell.issuer.sign({ ...says }) };
    return {
      position: await change("contacts", [{ kind: "setting", id: contactsSettingId, state, by, reason, expected }]),
    };
  });
};

import type { FastifyInstance } from "fastify";
import * as z from "zod/mini";
import { type Page, pageQuery } from "#protocol/control/page.ts";
import {
  type PasskeyCodeResponse,
  type PersonChange,
  type PersonRow,
  passkeyCodeRequest,
  personChange,
  personNew,
  userIdText,
} from "#protocol/control/people.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { oneTimeCode } from "../../identity/codes.ts";
import { passkeyCodeId } from "../../identity/passkey-codes.ts";
import { passkeySubject, personSubject } from "../../identity/subjects.ts";
import type { ControlLog, Subject } from "../../logs/control-log.ts";
import { deskCall, notHere } from "./desk-call.ts";
import { historyOf } from "./history.ts";
import { pageRowsOf } from "./paging.ts";

const config = { action: "manage-people" } as const;
/** Somebody stands at the desk, or is on the telephone. */
const passkeyCodeMs = 24 * 3_600_000;
const byId = z.object({ userId: userIdText });

const rowOf = ({ id, position, changed, state }: Subject, passkeys: number, nowMs: number): PersonRow => {
  const { name, staffNumber, roles, siteId, provider, pin, endsAt, demonstration } = personSubject.parse(state);
  return {
    userId: id,
    name,
    staffNumber,
    roles,
    ...(siteId !== undefined && { siteId }),
    passkeys,
    hasProvider: provider !== undefined,
    hasPin: pin !== undefined,
    ...(endsAt !== undefined && { endsAt }),
    ended: endsAt !== undefined && Date.parse(endsAt) <= nowMs,
    demonstration: demonstration ?? false,
    changed: changed.toISOString(),
    position,
  };
};

const passkeysOf = async (log: ControlLog): Promise<ReadonlyMap<string, number>> => {
  const counts = new Map<string, number>();
  for (const { state } of await log.all("passkey")) {
    const { userId, removed } = passkeySubject.parse(state);
    if (!removed) counts.set(userId, (counts.get(userId) ?? 0) + 1);
  }
  return counts;
};

/** What the desk says of a person; undefined takes a site or an end away. */
const described = ({ name, staffNumber, roles, siteId, endsAt }: Omit<PersonChange, "expected" | "reason">) => ({
  name,
  staffNumber,
  roles: [...new Set(roles)],
  siteId,
  endsAt,
});

/** The trust's people and what they may do. Nobody is deleted: somebody who left has an end. */
export const peopleRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.get("/control/v1/people", { config }, async (request): Promise<Page<PersonRow>> => {
    const { log, noteAccess } = await deskCall(cells, request);
    const query = parseMessage(pageQuery, request.query);
    const [people, passkeys] = await Promise.all([log.all("person"), passkeysOf(log)]);
    const nowMs = Date.now();
    const rows = people.map((person) => rowOf(person, passkeys.get(person.id) ?? 0, nowMs));
    await noteAccess("people");
    const columns = {
      name: (row: PersonRow) => row.name,
      staffNumber: (row: PersonRow) => row.staffNumber,
      roles: (row: PersonRow) => row.roles.join(" "),
      siteId: (row: PersonRow) => row.siteId,
      endsAt: (row: PersonRow) => row.endsAt,
      changed: (row: PersonRow) => row.changed,
    };
    return pageRowsOf(rows, query, columns, (row) => [row.name, row.userId, row.staffNumber, row.siteId, ...row.roles]);
  });

  app.get("/control/v1/people/:userId/history", { config }, async (request) => {
    const { log, noteAccess } = await deskCall(cells, request);
    const { userId } = parseMessage(byId, request.params);
    await noteAccess("person-history", { detail: `person ${userId}` });
    return { lines: await historyOf(log, "person", userId) };
  });

  app.post("/control/v1/people/:userId/passkey-code", { config, bodyLimit: 4_000 }, async (request) => {
    const { log, by, change } = await deskCall(cells, request);
    const { userId } = parseMessage(byId, request.params);
    const { reason } = parseMessage(passkeyCodeRequest, request.body);
    if ((await log.find("person", userId)) === undefined) throw notHere("person");
    const code = oneTimeCode();
    const expiresAt = new Date(Date.now() + passkeyCodeMs).toISOString();
    const state = { userId, expiresAt };
    const line = { kind: "enrolment-code", id: passkeyCodeId(code), state, by, reason, expected: 0 } as const;
    await change("passkey-code", [line]);
    return { code, expiresAt } satisfies PasskeyCodeResponse;
  });

  app.post("/control/v1/people", { config, bodyLimit: 8_000 }, async (request) => {
    const { by, change } = await deskCall(cells, request);
    const { userId, reason, ...asked } = parseMessage(personNew, request.body);
    const line = { kind: "person", id: userId, state: described(asked), by, reason, expected: 0 } as const;
    return { position: await change("person-new", [line]) };
  });

  app.post("/control/v1/people/:userId", { config, bodyLimit: 8_000 }, async (request) => {
    const { cell, log, by, change } = await deskCall(cells, request);
    const { userId } = parseMessage(byId, request.params);
    const { reason, expected, ...asked } = parseMessage(personChange, request.body);
    const held = await log.find("person", userId);
    if (held === undefined) throw notHere("person");
    const before = personSubject.parse(held.state);
    if (userId === by.userId && asked.roles.some((role) => !before.roles.includes(role)))
      throw new ProblemError(403, "own-roles", "Nobody gives a role to themselves.", "Ask another person at the desk.");
    const state = { ...held.state, ...described(asked) };
    const line = { kind: "person", id: userId, state, by, reason, expected } as const;
    const position = await change("person-change", [line]);
    const hasEnded = asked.endsAt !== undefined && Date.parse(asked.endsAt) <= Date.now();
    const hasLost = before.roles.some((role) => !asked.roles.includes(role));
    const hasMoved = asked.siteId !== undefined && asked.siteId !== before.siteId;
    // Access tokens carry roles and a site for some minutes; what was taken away is gone at once.
    if (hasEnded || hasLost || hasMoved)
      await cell.sessions.end({ userId }, hasEnded ? "person-ended" : "ended-at-desk");
    return { position };
  });
};

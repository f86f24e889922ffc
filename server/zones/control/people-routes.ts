import type { FastifyInstance } from "fastify";
import * as z from "zod/mini";
import type { Role } from "#defence/access/words.ts";
import { type HistoryLine, type Page, pageQuery } from "#protocol/control/page.ts";
import {
  type PersonChange,
  type PersonChanged,
  type PersonCodeResponse,
  type PersonRow,
  personChange,
  personCodeRequest,
  personNew,
  userIdText,
} from "#protocol/control/people.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { oneTimeCode } from "../../identity/codes.ts";
import { type ListedPerson, readPeople } from "../../identity/people.ts";
import { personCodeId } from "../../identity/person-codes.ts";
import { type PersonSubject, personSubject } from "../../identity/subjects.ts";
import type { Actor, ControlChange, ControlLog } from "../../logs/control-log.ts";
import { deskCall, notHere } from "./desk-call.ts";
import { historyOf } from "./history.ts";
import { pageRowsOf } from "./paging.ts";
import { lapsesAt, proposalLine, waitingRoles } from "./proposals.ts";
import { codeReview, deskRolesAmong, mayApprove, passkeysOf, personCodeMs } from "./way-in.ts";

const config = { action: "manage-people" } as const;
const byId = z.object({ userId: userIdText });

const isEnded = ({ endsAt }: Pick<PersonSubject, "endsAt">, nowMs: number): boolean =>
  endsAt !== undefined && Date.parse(endsAt) <= nowMs;

const rowOf = (
  { userId, name, staffNumber, roles, siteId, provider, pin, endsAt, demonstration, position, changed }: ListedPerson,
  passkeys: number,
  waiting: readonly Role[],
  nowMs: number,
): PersonRow => {
  return {
    userId,
    name,
    staffNumber,
    roles,
    waiting: [...waiting],
    ...(siteId !== undefined && { siteId }),
    passkeys,
    hasProvider: provider !== undefined,
    hasPin: pin !== undefined,
    ...(endsAt !== undefined && { endsAt }),
    ended: isEnded({ endsAt }, nowMs),
    demonstration: demonstration ?? false,
    changed: changed.toISOString(),
    position,
  };
};

/** What the desk says of a person; undefined takes a site or an end away. */
const described = ({ name, staffNumber, roles, siteId, endsAt }: Omit<PersonChange, "expected" | "reason">) => ({
  name,
  staffNumber,
  roles: [...new Set(roles)],
  siteId,
  endsAt,
});

const ownFields = { pin: "pin", "provider-link": "provider" } as const;
/** That a way in was set, and never what it is. */
const ownLines = async (log: ControlLog, kind: keyof typeof ownFields, userId: string): Promise<HistoryLine[]> =>
  (await historyOf(log, kind, userId)).map((line) => ({ ...line, fields: [{ field: ownFields[kind], after: "set" }] }));

/** The trust's people and what they may do. Nobody is deleted: somebody who left has an end. */
export const peopleRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.get("/control/v1/people", { config }, async (request): Promise<Page<PersonRow>> => {
    const { log, noteAccess } = await deskCall(cells, request);
    const query = parseMessage(pageQuery, request.query);
    const [people, passkeys, waiting] = await Promise.all([readPeople(log), passkeysOf(log), waitingRoles(log)]);
    const nowMs = Date.now();
    const rows = people.map((person) =>
      rowOf(person, passkeys.get(person.userId) ?? 0, waiting.get(person.userId) ?? [], nowMs),
    );
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
    const own = await Promise.all([ownLines(log, "pin", userId), ownLines(log, "provider-link", userId)]);
    const lines = [...(await historyOf(log, "person", userId)), ...own.flat()];
    return { lines: lines.toSorted((a, b) => b.position - a.position) };
  });

  app.post("/control/v1/people/:userId/code", { config, bodyLimit: 4_000 }, async (request) => {
    const { log, by, change } = await deskCall(cells, request);
    const { userId } = parseMessage(byId, request.params);
    const { for: use, reason } = parseMessage(personCodeRequest, request.body);
    const held = await log.find("person", userId);
    if (held === undefined) throw notHere("person");
    const code = oneTimeCode();
    const codeId = personCodeId(use, code);
    const waits = deskRolesAmong(personSubject.parse(held.state).roles).length > 0;
    const proposal = waits && proposalLine(by, { ...unmarked, what: `${use}-code`, userId, codeId, reason });
    const expiresAt = proposal
      ? lapsesAt({ since: new Date().toISOString() })
      : new Date(Date.now() + personCodeMs).toISOString();
    const state = { userId, expiresAt, ...(proposal && { waits: proposal.id }) };
    const line = { kind: "enrolment-code", id: codeId, state, by, reason, expected: 0 } as const;
    // On the roles that were looked at: a desk role that is agreed to meanwhile makes this stale, and the other way round.
    const same = { kind: "person", id: userId, state: held.state, by, reason, expected: held.position } as const;
    // A crew does not wait for its code: it is looked at afterwards.
    await change(`${use}-code`, [line, same, proposal ? proposal.line : codeReview(by, use, userId, reason)]);
    return { code, expiresAt, waits } satisfies PersonCodeResponse;
  });

  app.post("/control/v1/people", { config, bodyLimit: 8_000 }, async (request) => {
    const { log, by, change } = await deskCall(cells, request);
    const { userId, reason, ...asked } = parseMessage(personNew, request.body);
    if ((await log.find("break-glass", userId)) !== undefined)
      throw new ProblemError(409, "id-taken", "A sealed account has this id.", "Choose another id.");
    const { now, wait, lines } = inForce(asked.roles, [], { by, userId, reason });
    const state = described({ ...asked, roles: now });
    const line = { kind: "person", id: userId, state, by, reason, expected: 0 } as const;
    const position = await change("person-new", [...lines, line]);
    return { position, waiting: wait } satisfies PersonChanged;
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
    await keepAnApprover(log, userId, before, asked);
    // Whoever had an end has no roles any more: to take it away is to give them.
    const had = isEnded(before, Date.now()) ? [] : before.roles;
    const asleep = (await waitingRoles(log)).get(userId) ?? [];
    const { now, wait, lines } = inForce(asked.roles, had, { by, userId, reason }, asleep);
    const state = { ...held.state, ...described({ ...asked, roles: now }) };
    const line = { kind: "person", id: userId, state, by, reason, expected } as const;
    const position = await change("person-change", [...lines, line]);
    const hasEnded = asked.endsAt !== undefined && Date.parse(asked.endsAt) <= Date.now();
    const hasLost = before.roles.some((role) => !asked.roles.includes(role));
    const hasMoved = asked.siteId !== undefined && asked.siteId !== before.siteId;
    // Access tokens carry roles and a site for some minutes; what was taken away is gone at once.
    if (hasEnded || hasLost || hasMoved)
      await cell.sessions.end({ userId }, hasEnded ? "person-ended" : "ended-at-desk");
    return { position, waiting: wait } satisfies PersonChanged;
  });
};

/** Without anybody who approves, nothing that takes two people could be decided any more. */
const keepAnApprover = async (
  log: ControlLog,
  userId: string,
  before: PersonSubject,
  asked: Pick<PersonChange, "roles" | "endsAt">,
): Promise<void> => {
  const nowMs = Date.now();
  const approves = ({ roles, endsAt }: Pick<PersonSubject, "roles" | "endsAt">): boolean =>
    !isEnded({ endsAt }, nowMs) && mayApprove(roles);
  if (!approves(before) || approves(asked)) return;
  const others = (await log.all("person")).filter(({ id }) => id !== userId);
  if (others.some(({ state }) => approves(personSubject.parse(state)))) return;
  throw new ProblemError(
    409,
    "last-approver",
    "Nobody else in this trust may approve.",
    "Give another person the role first; a second person agrees to it.",
  );
};

const unmarked = { early: false, demonstration: false } as const;

/**
 * Of the roles asked for, those that are in force at once: every clinical one, and the desk roles that the person `had`. The other
 * desk roles wait for a second person; `lines` propose those that nobody has proposed yet.
 */
const inForce = (
  asked: readonly Role[],
  had: readonly Role[],
  { by, userId, reason }: { by: Actor; userId: string; reason: string },
  proposed: readonly Role[] = [],
): { now: Role[]; wait: Role[]; lines: ControlChange[] } => {
  const wait = deskRolesAmong([...new Set(asked)]).filter((role) => !had.includes(role));
  const roles = wait.filter((role) => !proposed.includes(role));
  const lines =
    roles.length === 0 ? [] : [proposalLine(by, { ...unmarked, what: "roles", userId, roles, reason }).line];
  return { now: asked.filter((role) => !wait.includes(role)), wait, lines };
};

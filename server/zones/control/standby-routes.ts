import type { FastifyInstance } from "fastify";
import { crewRoles, deskRoles, type Role } from "#defence/access/words.ts";
import { type Page, pageQuery } from "#protocol/control/page.ts";
import { type StandbyApp, type StandbyResponse, standbyApps, type UnableRow } from "#protocol/control/standby.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { type ListedPerson, readPeople } from "../../identity/people.ts";
import type { ControlLog } from "../../logs/control-log.ts";
import { deskCall } from "./desk-call.ts";
import { pageRowsOf } from "./paging.ts";
import { passkeysOf } from "./way-in.ts";

const config = { action: "see-standby" } as const;
const hospitalRoles: ReadonlySet<Role> = new Set(["hospital-nurse", "hospital-doctor"]);
const rolesOf: Record<StandbyApp, ReadonlySet<Role>> = { tablet: crewRoles, hospital: hospitalRoles, desk: deskRoles };

/**
 * Who could sign in on the day that the base is gone: a standby checks a tablet's PIN and a passkey as the base does, and knows nobody
 * whom only a provider vouches for.
 */
export const standbyRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.get("/control/v1/standby", { config }, async (request): Promise<StandbyResponse> => {
    const { cell, log, noteAccess } = await deskCall(cells, request);
    const people = await readWaysIn(log);
    await noteAccess("see-standby");
    return {
      // Whoever asks a standby was told of it.
      isSet: cell.hasStandby || cell.state().standby !== undefined,
      apps: standbyApps.map((each) => {
        const there = people.filter(({ works }) => works.includes(each));
        return { app: each, people: there.length, able: there.filter(({ lacks }) => !lacks.includes(each)).length };
      }),
    };
  });

  app.get("/control/v1/standby/people", { config }, async (request): Promise<Page<UnableRow>> => {
    const { log, noteAccess } = await deskCall(cells, request);
    const query = parseMessage(pageQuery, request.query);
    const people = await readWaysIn(log);
    await noteAccess("people");
    const rows = people.flatMap(({ person: { userId, name, staffNumber, roles }, lacks }): UnableRow[] =>
      lacks.length === 0 ? [] : [{ userId, name, staffNumber, roles, apps: lacks }],
    );
    const columns = {
      name: (row: UnableRow) => row.name,
      staffNumber: (row: UnableRow) => row.staffNumber,
      apps: (row: UnableRow) => row.apps.join(" "),
    };
    return pageRowsOf(rows, query, columns, (row) => [row.name, row.userId, row.staffNumber, ...row.roles]);
  });
};

interface WaysIn {
  person: ListedPerson;
  /** Where the person works, and of these where there is no way in at a standby. */
  works: StandbyApp[];
  lacks: StandbyApp[];
}

/** Of everybody who has not left. */
const readWaysIn = async (log: ControlLog): Promise<WaysIn[]> => {
  const [people, passkeys] = await Promise.all([readPeople(log), passkeysOf(log)]);
  const nowMs = Date.now();
  return people
    .filter(({ endsAt }) => endsAt === undefined || Date.parse(endsAt) > nowMs)
    .map((person) => {
      const works = standbyApps.filter((each) => person.roles.some((role) => rolesOf[each].has(role)));
      const hasPasskey = passkeys.has(person.userId);
      const lacks = works.filter((each) => (each === "tablet" ? person.pin === undefined : !hasPasskey));
      return { person, works, lacks };
    });
};

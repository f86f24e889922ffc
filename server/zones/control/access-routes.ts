import type { FastifyInstance } from "fastify";
import {
  type AccessesPage,
  type AccessQuery,
  type AffectedRow,
  accessExport,
  accessQuery,
  affectedQuery,
} from "#protocol/control/access.ts";
import { type Page, pageRows } from "#protocol/control/page.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { shownAccess } from "../../logs/access-line.ts";
import { type Accessor, type AccessPage, type AccessQueries, accessQueries } from "../../logs/access-queries.ts";
import type { ControlLog } from "../../logs/control-log.ts";
import { accessFile } from "./access-file.ts";
import { type DeskCall, deskCall, notHere } from "./desk-call.ts";
import { namesOf } from "./history.ts";

const config = { action: "see-access" } as const;
const linesMax = 50;

type About = Pick<AccessQuery, "person" | "deviceId" | "recordId" | "from" | "to">;

/** Who has seen what: by person, by device, by record, between two instants. */
export const accessRoutes = (app: FastifyInstance, cells: Cells, careOrigin: (trust: string) => string): void => {
  app.get("/control/v1/accesses", { config }, async (request): Promise<AccessesPage> => {
    const call = await deskCall(cells, request);
    const { before, ...about } = parseMessage(accessQuery, request.query);
    const read = await reading(call, about);
    const [{ lines, next }, names] = await Promise.all([read(before, linesMax), namesOf(call.log)]);
    await call.noteAccess("see-access", { detail: read.about });
    const shown = lines.map((line) => ({
      ...shownAccess(line),
      ...(line.deviceId !== undefined && { device: names.device(line.deviceId) }),
    }));
    return { lines: shown, next };
  });

  app.get("/control/v1/accesses/records", { config }, async (request): Promise<Page<AffectedRow>> => {
    const call = await deskCall(cells, request);
    const { page: wanted, ...about } = parseMessage(affectedQuery, request.query);
    const by = await accessorOf(call.log, about);
    if (by === undefined) throw nobodyNamed();
    const { records } = await affectedOf(call, by, about);
    await call.noteAccess("see-affected", { detail: wordOf(by) });
    const pages = Math.max(1, Math.ceil(records.length / pageRows));
    const page = Math.min(wanted, pages);
    return { rows: records.slice((page - 1) * pageRows, page * pageRows), total: records.length, page, pages };
  });

  app.post(
    "/control/v1/accesses/export",
    { config: { action: "export" }, bodyLimit: 4_000 },
    async (request, reply) => {
      const call = await deskCall(cells, request);
      const { format, ...about } = parseMessage(accessExport, request.body);
      const read = await reading(call, about);
      const by = await accessorOf(call.log, about);
      if (format === "records" && by === undefined) throw nobodyNamed();
      await call.noteAccess("export-access", { detail: `${format} ${read.about}` });
      const { type, name, body } = accessFile(format, {
        cell: call.cell,
        read,
        affected: by && (async () => (await affectedOf(call, by, about)).records),
        base: `${careOrigin(call.cell.trust)}/fhir/R4`,
        names: await namesOf(call.log),
      });
      return reply.type(type).header("content-disposition", `attachment; filename="${name}"`).send(body);
    },
  );
};

/** Pages of what was asked for, newest first; `about` says it in ids for the access log. */
export interface Reading {
  (before: string | undefined, linesMax: number): Promise<AccessPage>;
  about: string;
}

const queriesOf = ({ cell }: DeskCall): AccessQueries => accessQueries(cell.pools.control, cell.keyRing);

const affectedOf = (call: DeskCall, by: Accessor, { from, to }: Pick<About, "from" | "to">) =>
  queriesOf(call).affected(by, new Date(from), new Date(to));

const reading = async (call: DeskCall, about: About): Promise<Reading> => {
  const queries = queriesOf(call);
  const from = new Date(about.from);
  const to = new Date(about.to);
  if (from >= to) throw new ProblemError(400, "times", "The first time is not before the last.", "Swap the two times.");
  const by = await accessorOf(call.log, about);
  const { recordId } = about;
  if (by !== undefined && recordId === undefined) {
    const read = (before: string | undefined, max: number) => queries.touched(by, from, to, { before, linesMax: max });
    return Object.assign(read, { about: wordOf(by) });
  }
  if (by !== undefined || recordId === undefined) throw nobodyNamed();
  const read = async (before: string | undefined, max: number) => {
    const page = await queries.ofRecord(recordId, { before: before ?? `${to.getTime()}-0-0`, linesMax: max });
    // Newest first: with the first line that is too old, all the rest are.
    const lines = page.lines.filter(({ received }) => received >= about.from);
    return { lines, next: lines.length < page.lines.length ? null : page.next };
  };
  return Object.assign(read, { about: `record ${recordId}` });
};

const wordOf = (by: Accessor): string => ("userId" in by ? `person ${by.userId}` : `device ${by.deviceId}`);

/** Undefined where neither a person nor a device is named; 404 for a person whom the trust never knew. */
const accessorOf = async (
  log: ControlLog,
  { person, deviceId }: Pick<About, "person" | "deviceId">,
): Promise<Accessor | undefined> => {
  if (person !== undefined && deviceId !== undefined) throw nobodyNamed();
  if (deviceId !== undefined) return { deviceId };
  if (person === undefined) return undefined;
  const wanted = person.trim().toLowerCase();
  // By staff number too, which is what is written on a badge.
  const people = await log.all("person");
  const found = people.find(({ id, state }) => [id, String(state.staffNumber).toLowerCase()].includes(wanted));
  // A sealed account is no person of the list, and is asked about all the same.
  const sealed = found ?? (await log.find("break-glass", wanted));
  if (sealed === undefined) throw notHere("person");
  return { userId: sealed.id };
};

const nobodyNamed = (): ProblemError =>
  new ProblemError(
    400,
    "one-of-three",
    "Exactly one of person, device and record must be named.",
    "Name the one you ask about, and leave the others empty.",
  );

import type { FastifyRequest } from "fastify";
import type { Entry } from "#domain/entry/entry.ts";
import { covers } from "#sharing/fhir/scopes.ts";
import type { Cell } from "../../cell.ts";
import { authorize, noteRefusal } from "../../http/authorize.ts";
import { type Cells, cellOf } from "../../http/cell-host.ts";
import { disposedProblem } from "../../http/disposed.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { mayRead, principalOf } from "../../http/sign-in.ts";
import type { Principal } from "../../identity/identity.ts";
import { noteReads } from "../cell/readable.ts";
import type { RecordAccess, RecordRouteDeps } from "./record-access.ts";
import { siteRelations } from "./relations.ts";

const pageLines = 500;
/** A record of more lines than this is no patient contact. */
const linesMax = 50_000;

/** What the FHIR and page routes read with: the caller's site's records, an access line before each answer. */
export const siteRecordAccess = (cells: Cells): RecordRouteDeps => ({
  access: async (request: FastifyRequest): Promise<RecordAccess> => {
    const cell = cellOf(cells, "care", request);
    const principal = mayRead(principalOf(cell, "care", request));
    const { siteId = "" } = principal;
    requireScope(principal, request);
    // Whether this caller may read at all; `read` asks about the record.
    await authorize(cell, request, principal, { relation: "coming-to-my-site" });
    return {
      trust: { id: cell.trust, name: cell.name },
      standby: cell.state().standby,
      origin: `${request.protocol}://${request.headers.host}`,
      read: async (recordId, action) => {
        if (cell.disposed.has(recordId)) {
          const refused = { allow: false, purpose: "direct-care", problem: disposedProblem() } as const;
          await noteRefusal(cell, request, principal, refused, { relation: "none" }, [recordId]);
          throw refused.problem;
        }
        const relation = (await siteRelations(cell, siteId, [recordId])).get(recordId)!;
        if (relation === "none") return null;
        const allowed = await authorize(cell, request, principal, { relation, recordId });
        const lines = await readAll(cell, siteId, recordId, action === "page-print");
        if (lines === null) return null;
        await noteReads(cell, principal, action, new Map([[recordId, allowed]]), [recordId]);
        return lines;
      },
      recordOf: async (entryId) => {
        const text = "SELECT record_of_entry($1, $2) AS id";
        const { rows } = await cell.pools.care.query<{ id: string | null }>({
          name: "record-of-entry",
          text,
          values: [siteId, entryId],
        });
        return rows[0]?.id ?? disposedRecordOf(cell, entryId);
      },
      blob: async (recordId, sha256) => {
        const state = await cell.blobs.state(siteId, recordId, sha256);
        return state?.complete ? cell.blobs.read(siteId, recordId, sha256, 0, state.bytes - 1) : null;
      },
    };
  },
});

/** A connection reads the types that the desk gave it. The whole of a record, as a document, holds every type. */
const requireScope = ({ connection }: Principal, request: FastifyRequest): void => {
  if (connection === undefined) return;
  const { type } = request.params as { type?: string };
  const asked = type ?? (request.routeOptions.url?.includes("/Binary/") ? "Binary" : "Bundle");
  if (covers(connection.types, asked)) return;
  throw new ProblemError(
    403,
    "insufficient-scope",
    `This token is not for ${asked}.`,
    "Ask for a token with its scope; the trust's desk says which a connection has.",
  );
};

const disposedRecordOf = async (cell: Cell, entryId: string): Promise<string | null> => {
  const text = "SELECT disposed_record_of($1) AS id";
  const { rows } = await cell.pools.care.query<{ id: string | null }>({ name: "disposed-of", text, values: [entryId] });
  return rows[0]!.id;
};

/** `withHeld`: also what a standby holds, which has no place of its own; FHIR's versions count places. */
const readAll = async (cell: Cell, siteId: string, recordId: string, withHeld: boolean) => {
  const reader = cell.careReader(siteId);
  const all: { entry: Entry; position: number; received: string }[] = [];
  for (let after = 0; all.length < linesMax; ) {
    const lines = await reader.lines([{ recordId, after }], pageLines);
    for (const { text, position, received } of lines)
      if (text !== null) all.push({ entry: JSON.parse(text) as Entry, position, received });
    after = lines.at(-1)?.position ?? after;
    if (lines.length < pageLines) break;
  }
  const last = all.at(-1)?.position ?? 0;
  for (const { text, received } of withHeld ? await reader.held([recordId]) : [])
    all.push({ entry: JSON.parse(text!) as Entry, position: last, received });
  return all.length === 0 ? null : all;
};

import type { FastifyInstance } from "fastify";
import { type FindResponse, findRequest, wayOf } from "#protocol/find.ts";
import { limits } from "#protocol/limits.ts";
import { authorize, noteRefusal } from "../../http/authorize.ts";
import { type Cells, cellOf } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { mayRead, principalOf } from "../../http/sign-in.ts";
import { accessor } from "../../logs/access-line.ts";
import { findRecords, glimpseOf } from "./found-records.ts";
import { createLookUpLimit } from "./look-up-limit.ts";
import type { SyncRules } from "./sync-routes.ts";

const everyLookUp = { relation: "own-trust" } as const;
const distant: ReadonlySet<string> = new Set(["own-trust", "none"]);

/** `POST /sync/v1/find`: a few records of the patient in front of somebody, whoever wrote them; protocol/find.ts. */
export const findRoutes = (
  app: FastifyInstance,
  rules: Pick<SyncRules, "zone" | "reader" | "glassReader" | "relations">,
  cells: Cells,
): void => {
  const { zone } = rules;
  const limit = createLookUpLimit();

  app.post(
    "/sync/v1/find",
    { config: { action: "search" }, bodyLimit: 4_000 },
    async (request, reply): Promise<FindResponse> => {
      const cell = cellOf(cells, zone, request);
      const principal = mayRead(principalOf(cell, zone, request));
      const { purpose, relation, reason } = await authorize(cell, request, principal, everyLookUp);
      const { by } = parseMessage(findRequest, request.body);
      const waitMs = limit.waitMs(`${cell.trust} ${principal.person?.userId ?? ""}`, Date.now());
      if (waitMs > 0) {
        const problem = tooManyLookUps(waitMs);
        cell.onSecurityEvent({ code: "too-many-look-ups", deviceId: principal.deviceId });
        await noteRefusal(cell, request, principal, { allow: false, purpose, problem }, everyLookUp, []);
        throw problem;
      }
      const ids = await findRecords(cell.pools[zone === "care" ? "care" : "crew"], cell.keyRing, by);
      const recordIds = ids.slice(0, limits.foundMax);
      const detail = `by ${wayOf(by)}`;
      const why = reason !== undefined && { reason };
      // A look-up that finds nobody has its line too: many of them are how somebody looks for a person.
      await cell.access.write({ ...accessor(principal), action: "find", purpose, relation, recordIds, detail, ...why });

      const reader = (rules.glassReader ?? rules.reader)(cell, principal);
      const relations = await rules.relations(cell, principal, recordIds);
      const glimpses = await Promise.all(recordIds.map((recordId) => glimpseOf(reader, recordId, by)));
      const found = glimpses
        .filter((glimpse) => glimpse !== undefined)
        .map((glimpse) => ({ ...glimpse, yours: !distant.has(relations.get(glimpse.recordId) ?? "none") }));
      reply.header("cache-control", "no-store");
      return { server: cell.state(), found, more: ids.length > recordIds.length };
    },
  );
};

const tooManyLookUps = (waitMs: number): ProblemError =>
  new ProblemError(
    429,
    "too-many-look-ups",
    "You have looked up many patients in a short time.",
    `Wait ${Math.ceil(waitMs / 60_000)} minutes, or call the clinical hub; what you write is not held up.`,
    waitMs,
  );

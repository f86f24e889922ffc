import type { FastifyRequest } from "fastify";
import type { Cell } from "../../cell.ts";
import { authorize } from "../../http/authorize.ts";
import { type Cells, cellOf } from "../../http/cell-host.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { mayRead, principalOf } from "../../http/sign-in.ts";
import type { Principal } from "../../identity/identity.ts";
import { accessor } from "../../logs/access-line.ts";
import {
  type Actor,
  type ControlChange,
  type ControlLog,
  createControlLog,
  StaleSubject,
} from "../../logs/control-log.ts";
import { readOnlyControlLog } from "../../standby/read-only-control-log.ts";

/** One request of a person at the desk, which the policy allows. */
export interface DeskCall {
  cell: Cell;
  principal: Principal;
  log: ControlLog;
  by: Actor;
  /** Resolves once the access line is durable; only then may the answer leave. `detail`: ids and codes, no name. */
  noteAccess(action: string, about?: { detail?: string; recordIds?: readonly string[] }): Promise<void>;
  /**
   * Notes the access, then appends. Resolves to the position of the last line. Rejects with 409 `changed-meanwhile` when
   * somebody changed a subject first.
   */
  change(action: string, changes: readonly ControlChange[], recordIds?: readonly string[]): Promise<number>;
}

/**
 * The caller, as far as the policy lets them do what the route declares, to `recordId` if it is about a record. Rejects with
 * 401 or 403.
 */
export const deskCall = async (cells: Cells, request: FastifyRequest, recordId?: string): Promise<DeskCall> => {
  const cell = cellOf(cells, "control", request);
  const principal = mayRead(principalOf(cell, "control", request));
  const { purpose, relation, reason } = await authorize(cell, request, principal, {
    relation: "own-trust",
    ...(recordId !== undefined && { recordId }),
  });
  const { person, deviceId } = principal;
  const itsLog = createControlLog(cell.pools.control, cell.keyRing, "append_control");
  const log = cell.state().standby ? readOnlyControlLog(itsLog) : itsLog;

  const noteAccess: DeskCall["noteAccess"] = (action, { detail, recordIds = [] } = {}) =>
    cell.access.write({
      ...accessor(principal),
      action,
      purpose,
      relation,
      recordIds,
      ...(reason !== undefined && { reason }),
      ...(detail !== undefined && { detail }),
    });
  return {
    cell,
    principal,
    log,
    by: { deviceId, ...(person !== undefined && { userId: person.userId }) },
    noteAccess,
    change: async (action, changes, recordIds = []) => {
      await noteAccess(action, { detail: changes.map(({ kind, id }) => `${kind} ${id}`).join(", "), recordIds });
      try {
        return (await log.append(changes)) + changes.length - 1;
      } catch (error) {
        if (error instanceof StaleSubject) throw changedMeanwhile();
        throw error;
      }
    },
  };
};

export const changedMeanwhile = (): ProblemError =>
  new ProblemError(
    409,
    "changed-meanwhile",
    "Somebody changed this first, so nothing was changed now.",
    "See how it is now, and decide again.",
  );

/** 404 that says of what. */
export const notHere = (what: string): ProblemError =>
  new ProblemError(404, "not-here", `There is no such ${what} in this trust.`, "Go back to the list and reload it.");

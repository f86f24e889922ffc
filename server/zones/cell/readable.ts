import type { FastifyRequest } from "fastify";
import type { Cell } from "../../cell.ts";
import { type Allowed, authorize, noteRefusal, type Refused, weigh } from "../../http/authorize.ts";
import { disposedProblem } from "../../http/disposed.ts";
import { ProblemError } from "../../http/problem-error.ts";
import type { Principal } from "../../identity/identity.ts";
import { accessor } from "../../logs/access-line.ts";
import { createLookUpLimit } from "./look-up-limit.ts";
import type { SyncRules } from "./sync-routes.ts";

/** Record id → how the caller may read it. */
export type Readable = ReadonlyMap<string, Allowed>;

/** A tablet asks again every few seconds: the same refusal is noted once in this time. */
const noteAgainMs = 10 * 60_000;
const notedMax = 20_000;
const noted = new Map<string, number>();

/** Counted by process, and forgotten at its end. */
const openings = createLookUpLimit();

/**
 * Of these records, those that the caller may read. The refusals that tell of a record have their access lines; a caller who
 * may read no record whatever is refused altogether, with a 403 of `authorize`. A reason opens one record: two in one question are
 * a 400 `one-at-a-time`, and after many openings comes a 429 `too-many-openings`.
 */
export const readableOf = async (
  cell: Cell,
  request: FastifyRequest,
  principal: Principal,
  rules: Pick<SyncRules, "relations">,
  recordIds: readonly string[],
): Promise<Readable> => {
  if (recordIds.length === 0) return new Map();
  const nearest = principal.zone === "care" ? "coming-to-my-site" : "own-crew";
  const { purpose } = await authorize(cell, request, principal, { relation: nearest });
  const readable = new Map<string, Allowed>();
  const hidden = new Map<string, Allowed>();
  const notes: Promise<void>[] = [];
  const there: string[] = [];
  for (const recordId of recordIds) {
    const outcome: Refused = { allow: false, purpose, problem: disposedProblem() };
    if (!cell.disposed.has(recordId)) there.push(recordId);
    else if (isNews(cell, principal, recordId, outcome))
      notes.push(noteRefusal(cell, request, principal, outcome, { relation: "none" }, [recordId]));
  }
  for (const [recordId, relation] of await rules.relations(cell, principal, there)) {
    const outcome = weigh(cell, request, principal, { relation, recordId });
    if (outcome.allow) (relation === "none" ? hidden : readable).set(recordId, outcome);
    else if (relation !== "none" && isNews(cell, principal, recordId, outcome))
      notes.push(noteRefusal(cell, request, principal, outcome, { relation }, [recordId]));
  }
  // A reason opens also what the caller cannot see to be there; of what nobody has there is nothing to open, or to review.
  const known = hidden.size === 0 ? new Set<string>() : await cell.knownRecords([...hidden.keys()]);
  for (const recordId of known) readable.set(recordId, { ...hidden.get(recordId)!, relation: "own-trust" });
  await Promise.all(notes);
  await limitOpenings(cell, request, principal, readable);
  return readable;
};

const limitOpenings = async (
  cell: Cell,
  request: FastifyRequest,
  principal: Principal,
  readable: Readable,
): Promise<void> => {
  const opened = [...readable].filter(([, { review }]) => review);
  const [first] = opened;
  if (first === undefined) return;
  const [recordId, { purpose, relation }] = first;
  const waitMs = openings.waitMs(`${cell.trust} ${principal.person?.userId ?? ""}`, Date.now(), recordId);
  const problem = opened.length > 1 ? oneAtATime() : waitMs > 0 ? tooManyOpenings(waitMs) : undefined;
  if (problem === undefined) return;
  cell.onSecurityEvent({ code: problem.problem.code, deviceId: principal.deviceId });
  const recordIds = opened.map(([id]) => id);
  await noteRefusal(cell, request, principal, { allow: false, purpose, problem }, { relation }, recordIds);
  throw problem;
};

const oneAtATime = (): ProblemError =>
  new ProblemError(
    400,
    "one-at-a-time",
    "A reason opens one record.",
    "Ask for each record by itself, with why that one is opened.",
  );
const tooManyOpenings = (waitMs: number): ProblemError =>
  new ProblemError(
    429,
    "too-many-openings",
    "You have opened many records in a short time.",
    `Wait ${Math.ceil(waitMs / 60_000)} minutes, or call the clinical hub; what you write is not held up.`,
    waitMs,
  );

/** Writes the access lines of what is about to be answered: one for each way in which it is allowed. */
export const noteReads = async (
  cell: Cell,
  principal: Principal,
  action: string,
  readable: Readable,
  recordIds: readonly string[],
): Promise<void> => {
  const alike = Map.groupBy(recordIds, (recordId) => {
    const { purpose, relation, reason = "" } = readable.get(recordId)!;
    return `${purpose} ${relation} ${reason}`;
  });
  await Promise.all(
    [...alike.values()].map((ids) => {
      const { purpose, relation, reason, review } = readable.get(ids[0]!)!;
      const why = reason !== undefined && { reason };
      // The desk's queue is made of the lines of this action (zones/control/broken-glass.ts).
      const what = review ? { action: "break-glass", detail: action } : { action };
      return cell.access.write(
        { ...accessor(principal), ...what, purpose, relation, recordIds: ids, ...why },
        recordIds.length,
      );
    }),
  );
};

const isNews = (cell: Cell, { deviceId, person }: Principal, recordId: string, { problem }: Refused): boolean => {
  const key = `${cell.trust} ${deviceId} ${person?.userId ?? ""} ${recordId} ${problem.problem.code}`;
  const before = noted.get(key);
  if (before !== undefined && Date.now() - before < noteAgainMs) return false;
  noted.delete(key);
  if (noted.size >= notedMax) noted.delete(noted.keys().next().value!);
  noted.set(key, Date.now());
  return true;
};

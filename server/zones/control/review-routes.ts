import type { FastifyInstance } from "fastify";
import * as z from "zod/mini";
import { type Page, pageQuery } from "#protocol/control/page.ts";
import { type ReviewRow, reviewDone, reviewOutcomes } from "#protocol/control/reviews.ts";
import type { Cell } from "../../cell.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { boardAccesses } from "../../logs/board-accesses.ts";
import type { ControlLog, Subject } from "../../logs/control-log.ts";
import { readBrokenGlass } from "./broken-glass.ts";
import { deskCall, notHere } from "./desk-call.ts";
import type { BrokenGlass } from "./glass-queue.ts";
import { type Names, namesOf } from "./history.ts";
import { pageRowsOf } from "./paging.ts";

const config = { action: "review-break-glass" } as const;
const byId = z.object({ reviewId: z.string().check(z.regex(/^[A-Za-z0-9-]{1,80}$/)) });

const reviewQueue = { action: "reviews", purpose: "governance", relation: "own-trust" } as const;

/** A review as sign-in or a record's opening began it, and as the desk ended it. What else it says stays as it is. */
const reviewSubject = z.looseObject({
  of: z.string(),
  openedAt: z.string(),
  reason: z.string(),
  /** Of a sealed account. */
  account: z.optional(z.string()),
  userId: z.optional(z.string()),
  /** Of a code: who was given it. */
  forUserId: z.optional(z.string()),
  deviceId: z.optional(z.string()),
  recordId: z.optional(z.string()),
  /** Of a look-up: how many records it found. */
  found: z.optional(z.int()),
  outcome: z.optional(z.enum(reviewOutcomes)),
  words: z.optional(z.string()),
  reviewer: z.optional(z.string()),
});

/** What was opened past the usual rules, and what somebody else made of it. */
export const reviewRoutes = (app: FastifyInstance, cells: Cells): void => {
  // The desk's page asks every few seconds, so that what was opened comes up by itself.
  const queues = new Map(
    [...cells].map(([trust, cell]) => [trust, boardAccesses(cell.access, Date.now, reviewQueue)] as const),
  );
  app.get("/control/v1/reviews", { config }, async (request): Promise<Page<ReviewRow>> => {
    const { cell, principal, log } = await deskCall(cells, request);
    const query = parseMessage(pageQuery, request.query);
    const rows = await readReviews(cell, log);
    const columns = {
      openedAt: (row: ReviewRow) => row.openedAt,
      outcome: (row: ReviewRow) => row.outcome ?? "",
      person: (row: ReviewRow) => row.person,
      of: (row: ReviewRow) => row.of,
    };
    const page = pageRowsOf(rows, query, columns, (row) => [
      row.person,
      row.userId,
      row.device,
      row.recordId,
      row.outcome,
    ]);
    const recordIds = page.rows.flatMap(({ recordId }) => recordId ?? []);
    await queues.get(cell.trust)!.shown(principal, recordIds);
    return page;
  });

  app.post("/control/v1/reviews/:reviewId", { config, bodyLimit: 4_000 }, async (request) => {
    const { cell, log, by, change } = await deskCall(cells, request);
    const { reviewId } = parseMessage(byId, request.params);
    const { outcome, words, expected } = parseMessage(reviewDone, request.body);
    const held = await log.find("review", reviewId);
    const began = held?.state ?? (await beginningOf(cell, reviewId));
    if (began === undefined) throw notHere("review");
    if ([began.userId ?? began.account, began.forUserId].includes(by.userId))
      throw new ProblemError(403, "own-review", "Nobody reviews what they opened themselves.", "Leave it to another.");
    const state = { ...began, state: "done", outcome, words, reviewer: by.userId };
    const line = { kind: "review", id: reviewId, state, by, reason: words, expected } as const;
    return { position: await change(`review-${outcome}`, [line]) };
  });
};

/** Opened records that nobody has reviewed are no subjects yet: the access log is where their queue is. */
const readReviews = async (cell: Cell, log: ControlLog): Promise<ReviewRow[]> => {
  const [reviews, sealed, names, glass] = await Promise.all([
    log.all("review"),
    log.all("break-glass"),
    namesOf(log),
    readBrokenGlass(cell.pools.control, cell.keyRing),
  ]);
  const accounts = new Map(sealed.map(({ id, state }) => [id, String(state.name)]));
  const begun = new Set(reviews.map(({ id }) => id));
  const waiting = glass.filter(({ reviewId }) => !begun.has(reviewId));
  return [...reviews, ...waiting.map((opened) => ({ id: opened.reviewId, position: 0, state: asState(opened) }))].map(
    (review) => rowOf(review, accounts, names, cell.restricted),
  );
};

const beginningOf = async (cell: Cell, reviewId: string): Promise<Record<string, unknown> | undefined> => {
  const glass = await readBrokenGlass(cell.pools.control, cell.keyRing);
  const opened = glass.find((each) => each.reviewId === reviewId);
  return opened && asState(opened);
};

const asState = ({ reviewId: _id, ...opened }: BrokenGlass): Record<string, unknown> => ({ ...opened });

const rowOf = (
  { id, position, state }: Pick<Subject, "id" | "position" | "state">,
  accounts: ReadonlyMap<string, string>,
  names: Names,
  restricted: Cell["restricted"],
): ReviewRow => {
  const {
    of,
    openedAt,
    reason,
    account,
    userId = account,
    deviceId,
    recordId,
    forUserId,
    found,
    outcome,
    words,
    reviewer,
  } = reviewSubject.parse(state);
  return {
    reviewId: id,
    of,
    openedAt,
    person: accounts.get(userId ?? "") ?? (userId === undefined ? "Nobody known" : names.person(userId)),
    ...(userId !== undefined && { userId }),
    ...(forUserId !== undefined && { for: names.person(forUserId) }),
    ...(deviceId !== undefined && { device: names.device(deviceId) }),
    ...(recordId !== undefined && { recordId }),
    ...(recordId !== undefined && restricted.has(recordId) && { restricted: true }),
    ...(found !== undefined && { found }),
    reason,
    ...(outcome !== undefined && { outcome }),
    ...(words !== undefined && { words }),
    ...(reviewer !== undefined && { reviewedBy: names.person(reviewer) }),
    position,
  };
};

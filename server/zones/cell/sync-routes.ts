import { hash } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type HeadsResponse, headsRequest } from "#protocol/heads.ts";
import { type PullResponse, pullRequest } from "#protocol/pull.ts";
import { type ChainRun, type PushAnswer, type PushRequest, type PushResponse, pushRequest } from "#protocol/push.ts";
import { Busy, type Submitted } from "#sync/sequencer.ts";
import type { Cell } from "../../cell.ts";
import { type Cells, cellOf } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { mayRead, principalOf, pusherOf } from "../../http/sign-in.ts";
import type { Principal } from "../../identity/identity.ts";
import { accessor } from "../../logs/access-line.ts";
import type { RecordReader } from "../../logs/record-reader.ts";
import type { Metrics } from "../../metrics.ts";
import type { CellZone } from "../../trusts.ts";
import { answerPull } from "./answer-pull.ts";

/** How a zone tells what may be pushed and who reads with which rights. */
export interface SyncRules {
  zone: CellZone;
  /** The runs that are not the caller's to write, with the code that their entries are answered. */
  refusals(cell: Cell, principal: Principal, request: PushRequest): Promise<ReadonlyMap<ChainRun, string>>;
  reader(cell: Cell, principal: Principal): RecordReader;
  /** Of these records, those whose pokes the caller may hear. */
  watchable(cell: Cell, principal: Principal, recordIds: readonly string[]): Promise<Iterable<string>>;
  /** For the access log: how the caller stands to what it reads. */
  relation: string;
}

/** Body of a push that is no backlog, bytes. */
const liveBytesMax = 32_000;
/** Five hundred tablets that come back this often offer about what a server can store. */
const crowdedRetryAfterMs = 3_000;

export const syncRoutes = (app: FastifyInstance, rules: SyncRules, cells: Cells, metrics: Metrics): void => {
  const { zone } = rules;

  // When tablets come back all at once, reading what must then be refused would take the time that storing it needs.
  const refuseUnread = async (request: FastifyRequest): Promise<void> => {
    const isLarge = Number(request.headers["content-length"]) > liveBytesMax;
    if (isLarge && cellOf(cells, zone, request).sequencer.isCrowded()) asUnavailable(new Busy(crowdedRetryAfterMs));
  };

  app.post("/sync/v1/push", { onRequest: refuseUnread }, async (request): Promise<PushResponse> => {
    const cell = cellOf(cells, zone, request);
    const principal = pusherOf(cell, zone, request);
    const pushed = parseMessage(pushRequest, request.body);
    checkEpoch(cell, pushed.epochSeen);
    const refused = await rules.refusals(cell, principal, pushed);
    const { answers, need } = await submitRest(cell, pushed, refused).catch(asUnavailable);
    for (const [answer, same] of Map.groupBy(answers, (each) => each.answer))
      metrics.answers.inc({ trust: cell.trust, answer }, same.length);
    return { server: cell.state(), answers, need, lanes: ["P0", "P1", "P2", "P3", "P4"] };
  });

  app.post("/sync/v1/pull", async (request): Promise<PullResponse> => {
    const cell = cellOf(cells, zone, request);
    const principal = mayRead(principalOf(cell, zone, request));
    const asked = parseMessage(pullRequest, request.body);
    const records = await answerPull(cell, rules.reader(cell, principal), asked, (recordIds) =>
      cell.access.write({
        ...accessor(principal),
        action: "pull",
        purpose: "direct-care",
        relation: rules.relation,
        recordIds,
      }),
    );
    return { server: cell.state(), records };
  });

  app.post("/sync/v1/heads", async (request): Promise<HeadsResponse> => {
    const cell = cellOf(cells, zone, request);
    principalOf(cell, zone, request);
    const { heads } = parseMessage(headsRequest, request.body);
    return { server: cell.state(), need: await cell.sequencer.lacking(heads) };
  });
};

/** Submits the runs that are not refused. A refused entry is promised nothing: its sender keeps it, and may try again. */
const submitRest = async (
  cell: Cell,
  { chains }: PushRequest,
  refused: ReadonlyMap<ChainRun, string>,
): Promise<Submitted> => {
  if (refused.size === 0) return cell.sequencer.submit({ chains });
  const rest = chains.filter((run) => !refused.has(run));
  const { answers: given, need } = await cell.sequencer.submit({ chains: rest });
  const answers = chains.flatMap((run): PushAnswer[] => {
    const code = refused.get(run);
    if (code === undefined) return given.splice(0, run.entries.length);
    return run.entries.map((text) => ({ hash: hash("sha256", text, "hex"), answer: "retry", code }));
  });
  return { answers, need };
};

const checkEpoch = (cell: Cell, epochSeen: number): void => {
  if (epochSeen <= cell.state().epoch) return;
  throw new ProblemError(
    409,
    "epoch-behind",
    "This server is behind the log that the device has seen.",
    "Keep the entries and push them to the server of the newer epoch.",
  );
};

/** Nothing is known to be stored, so nothing is promised: the client keeps its entries and comes back. */
const asUnavailable = (error: unknown): never => {
  if (error instanceof Busy)
    throw new ProblemError(
      503,
      "busy",
      "The log is at its limit.",
      "Keep the entries and try again.",
      error.retryAfterMs,
    );
  throw error;
};

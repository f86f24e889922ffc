import { hash } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Relation } from "#defence/access/words.ts";
import { type HeadsResponse, headsRequest } from "#protocol/heads.ts";
import { limits } from "#protocol/limits.ts";
import { type PullResponse, pullRequest } from "#protocol/pull.ts";
import { type ChainRun, type PushAnswer, type PushRequest, type PushResponse, pushRequest } from "#protocol/push.ts";
import { Busy, type Submitted } from "#sync/sequencer.ts";
import type { Cell } from "../../cell.ts";
import { type Cells, cellOf } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { mayRead, principalOf, pusherOf } from "../../http/sign-in.ts";
import type { Principal } from "../../identity/identity.ts";
import type { RecordReader } from "../../logs/record-reader.ts";
import type { Metrics } from "../../metrics.ts";
import type { CellZone } from "../../trusts.ts";
import { addHeld, answerPull } from "./answer-pull.ts";
import { noteReads, readableOf } from "./readable.ts";

/** How a zone tells what may be pushed and who reads with which rights. */
export interface SyncRules {
  zone: CellZone;
  /** The runs that are not the caller's to write, with the code that their entries are answered. */
  refusals(cell: Cell, principal: Principal, request: PushRequest): Promise<ReadonlyMap<ChainRun, string>>;
  reader(cell: Cell, principal: Principal): RecordReader;
  /**
   * With which rights the caller reads what was allowed past the usual rules, where `reader` does not see it. It sees nothing
   * before the access line that says why.
   */
  glassReader?(cell: Cell, principal: Principal): RecordReader;
  /** Of these records, those whose pokes the caller may hear. */
  watchable(cell: Cell, principal: Principal, recordIds: readonly string[]): Promise<Iterable<string>>;
  /** How the caller stands to these records; `none` for one that is not there, or that it may not know of. */
  relations(cell: Cell, principal: Principal, recordIds: readonly string[]): Promise<ReadonlyMap<string, Relation>>;
  /** The caller brought these runs in, perhaps for another, in bytes that it could read, and something of each was taken. */
  carried?(cell: Cell, principal: Principal, runs: readonly ChainRun[]): void;
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

  app.post(
    "/sync/v1/push",
    { config: { action: "push" }, onRequest: refuseUnread },
    async (request): Promise<PushResponse> => {
      const cell = cellOf(cells, zone, request);
      const principal = pusherOf(cell, zone, request);
      const pushed = parseMessage(pushRequest, request.body);
      checkEpoch(cell, pushed.epochSeen);
      const { opened, unopened } = unsealed(cell, pushed);
      const refused = new Map([...unopened, ...(await rules.refusals(cell, principal, opened))]);
      const { answers, need } = await submitRest(cell, opened, refused).catch(asUnavailable);
      rules.carried?.(cell, principal, takenOf(pushed.chains, answers).filter(isPlain));
      for (const [answer, same] of Map.groupBy(answers, (each) => each.answer))
        metrics.answers.inc({ trust: cell.trust, answer }, same.length);
      return { server: cell.state(), answers, need, lanes: ["P0", "P1", "P2", "P3", "P4"] };
    },
  );

  app.post("/sync/v1/pull", { config: { action: "read-record" } }, async (request): Promise<PullResponse> => {
    const cell = cellOf(cells, zone, request);
    const principal = mayRead(principalOf(cell, zone, request));
    const asked = parseMessage(pullRequest, request.body);
    const recordIds = Object.keys(asked.records);
    if (recordIds.length > limits.pullRecordsMax)
      throw new ProblemError(
        413,
        "too-many-records",
        `A pull names at most ${limits.pullRecordsMax} records.`,
        "Ask for the others in another pull.",
      );
    const readable = await readableOf(cell, request, principal, rules, recordIds);
    const glassReader = rules.glassReader?.(cell, principal);
    const isBehindGlass = (recordId: string) => glassReader !== undefined && readable.get(recordId)?.review === true;
    const inScope = recordIds.filter((recordId) => readable.has(recordId));
    const [behindGlass, usual] = [inScope.filter(isBehindGlass), inScope.filter((each) => !isBehindGlass(each))];
    const only = (ids: readonly string[]) => Object.fromEntries(ids.map((id) => [id, asked.records[id]!]));
    const note = (ids: readonly string[]) => noteReads(cell, principal, "pull", readable, ids);
    const reader = rules.reader(cell, principal);
    const isStandby = cell.state().standby !== undefined;
    const records = await answerPull(cell, reader, { ...asked, records: only(usual) }, note);
    if (isStandby) await addHeld(reader, records);
    if (glassReader !== undefined && behindGlass.length > 0) {
      await note(behindGlass);
      const opened = await answerPull(cell, glassReader, { ...asked, records: only(behindGlass) }, async () => {});
      if (isStandby) await addHeld(glassReader, opened);
      Object.assign(records, opened);
    }
    for (const recordId of recordIds)
      records[recordId] ??= { refused: "not-in-scope", ...(cell.disposed.has(recordId) && { disposed: true }) };
    return { server: cell.state(), records };
  });

  app.post("/sync/v1/heads", { config: { action: "push" } }, async (request): Promise<HeadsResponse> => {
    const cell = cellOf(cells, zone, request);
    principalOf(cell, zone, request);
    const { heads } = parseMessage(headsRequest, request.body);
    return { server: cell.state(), need: await cell.sequencer.lacking(heads) };
  });
};

/** Opens what locked tablets sealed. A run that does not open stays with its sender, who can send it as it is after an unlock. */
const unsealed = (
  cell: Cell,
  pushed: PushRequest,
): { opened: PushRequest; unopened: ReadonlyMap<ChainRun, string> } => {
  const unopened = new Map<ChainRun, string>();
  const chains = pushed.chains.map((run) => {
    if (run.sealed === undefined) return run;
    const opened = cell.inbox.openRun(run);
    if (opened === undefined) unopened.set(run, "not-for-this-inbox");
    return opened ?? run;
  });
  return { opened: { ...pushed, chains }, unopened };
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

/** The runs of which something was taken; answers come in the order of the entries. */
const takenOf = (chains: readonly ChainRun[], answers: readonly PushAnswer[]): ChainRun[] => {
  let at = 0;
  return chains.filter(({ entries }) => {
    const given = answers.slice(at, at + entries.length);
    at += entries.length;
    return given.some(({ answer }) => answer === "accepted" || answer === "duplicate" || answer === "held");
  });
};

/** What came sealed to the trust's inbox its sender cannot read. */
const isPlain = ({ sealed }: ChainRun): boolean => sealed === undefined;

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

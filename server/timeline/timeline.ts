import pg from "pg";
import { type LogName, logNames } from "#defence/log/line.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { type StoredLine, storedLines } from "../verify/stored-lines.ts";
import { type Act, actOf } from "./acts.ts";

/** One line of the three logs, for somebody who asks what was done. Instants are ISO 8601 in UTC. */
export interface TimelineLine extends Omit<Act, "others"> {
  log: LogName;
  epoch: number;
  position: number;
  /** When the base stored it, by the base's clock. */
  received: string;
  /**
   * What puts it where it stands: when it was received; or its position, where that time lies before that of the line before it in its
   * log, or after that of the next. Never what is claimed.
   */
  orderedBy: "received" | "position";
  device: string | null;
  /** Why what it says may not be what was stored. */
  fault: string | null;
}

export interface TimelineFilter {
  device?: string;
  account?: string;
  record?: string;
  /** Included. A line counts by when it was received and by when it says that it was. */
  fromMs?: number;
  /** Not included. */
  toMs?: number;
}

export interface TimelineParts {
  /** Of the archive's role: it reads every line and changes none. */
  url: string;
  keyRing: KeyRing;
  filter: TimelineFilter;
  onProgress?(log: LogName, position: number): void;
}

/**
 * The lines of a trust's three logs in one order, as they were at one instant. Each log's lines keep the order of their positions, and
 * the logs are merged by when lines were received. Holds a page of each log at a time.
 */
export async function* timeline({ url, ...parts }: TimelineParts): AsyncGenerator<TimelineLine> {
  const client = new pg.Client({ connectionString: url, application_name: "holdfast timeline" });
  await client.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    for await (const { line } of timelineLines(client, parts)) yield line;
    await client.query("COMMIT");
  } finally {
    await client.end();
  }
}

/** The same in a transaction that sees one instant, each with the line as it is stored. */
export async function* timelineLines(
  client: pg.ClientBase,
  { keyRing, filter, onProgress }: Omit<TimelineParts, "url">,
): AsyncGenerator<{ line: TimelineLine; stored: StoredLine }> {
  const logs = logNames.map((log) => placed(client, keyRing, log, onProgress));
  for await (const { log, line: stored, orderedBy, aroundMs } of merged(logs)) {
    const told = toldBy(log, stored);
    if (isWanted(filter, stored, told, aroundMs)) yield { line: shown(log, stored, orderedBy, told), stored };
  }
}

interface Placed {
  log: LogName;
  line: StoredLine;
  /** Where it goes among the other logs' lines, ms since 1970. */
  atMs: number;
  orderedBy: TimelineLine["orderedBy"];
  /** When the lines beside it were received, where its own time cannot be right. */
  aroundMs: readonly number[];
}

/** When it was received, ms since 1970. What somebody wrote there that is no time lies after every time. */
const msOf = ({ received }: StoredLine): number => {
  const ms = Date.parse(received);
  return Number.isNaN(ms) ? Number.POSITIVE_INFINITY : ms;
};

/** A log's lines in order, each seen with those before and after it: one that is dated years ahead holds no other up. */
async function* placed(
  client: pg.ClientBase,
  keyRing: KeyRing,
  log: LogName,
  onProgress: TimelineParts["onProgress"],
): AsyncGenerator<Placed> {
  let before = Number.NEGATIVE_INFINITY;
  let waiting: StoredLine | undefined;
  const place = (line: StoredLine, next: number): Placed => {
    const ownMs = msOf(line);
    const isInOrder = Number.isFinite(ownMs) && before <= ownMs && ownMs <= next;
    const around = isInOrder ? [] : [before, next].filter(Number.isFinite);
    before = ownMs;
    return {
      log,
      line,
      atMs: Math.min(ownMs, next),
      orderedBy: isInOrder ? "received" : "position",
      aroundMs: around,
    };
  };
  for await (const page of storedLines(client, keyRing, log)) {
    for (const line of page) {
      if (waiting !== undefined) yield place(waiting, msOf(line));
      waiting = line;
    }
    onProgress?.(log, page.at(-1)!.position);
  }
  if (waiting !== undefined) yield place(waiting, Number.POSITIVE_INFINITY);
}

async function* merged(logs: readonly AsyncGenerator<Placed>[]): AsyncGenerator<Placed> {
  const heads: { from: AsyncGenerator<Placed>; head: Placed }[] = [];
  for (const from of logs) {
    const { value, done } = await from.next();
    if (!done) heads.push({ from, head: value });
  }
  while (heads.length > 0) {
    const first = heads.reduce((a, b) => (b.head.atMs < a.head.atMs ? b : a));
    yield first.head;
    const { value, done } = await first.from.next();
    if (done) heads.splice(heads.indexOf(first), 1);
    else first.head = value;
  }
}

/** A line as the timeline tells it; undefined for one that the filter leaves out. Its times are not asked. */
export const tellLine = (
  log: LogName,
  line: StoredLine,
  { device, account, record }: TimelineFilter,
): Omit<TimelineLine, "orderedBy"> | undefined => {
  const told = toldBy(log, line);
  const filter = { ...(device && { device }), ...(account && { account }), ...(record && { record }) };
  if (!isWanted(filter, line, told, [])) return undefined;
  const { orderedBy: _, ...shownLine } = shown(log, line, "position", told);
  return shownLine;
};

interface Told {
  act: Act;
  fault: string | null;
}

const toldBy = (log: LogName, line: StoredLine): Told => {
  const { text, records, fault } = line;
  const nothing = { claimed: null, person: null, zone: null, subject: null, records, others: [] };
  if (text === null && fault === undefined)
    return { act: { ...nothing, words: "wrote an entry of a record that has ended", outcome: "allowed" }, fault: null };
  if (text === null) return { act: { ...nothing, words: "cannot be opened", outcome: "unknown" }, fault: fault! };
  try {
    const act = actOf(log, line, text);
    // Where the clear columns say other records, both are meant.
    return { act: { ...act, records: [...new Set([...act.records, ...records])] }, fault: fault ?? null };
  } catch {
    const unread = "its text is none that this version can read";
    return { act: { ...nothing, words: "cannot be decoded", outcome: "unknown" }, fault: fault ?? unread };
  }
};

const isWanted = (
  { device, account, record, fromMs, toMs }: TimelineFilter,
  line: StoredLine,
  { act, fault }: Told,
  aroundMs: readonly number[],
): boolean => {
  const { deviceId } = line;
  if (device !== undefined && deviceId !== device && !act.others.includes(device)) return false;
  // Whose a line was that cannot be read, nobody knows: it may be this person's.
  const isAnybodys = fault !== null && act.person === null;
  if (account !== undefined && act.person !== account && !act.others.includes(account) && !isAnybodys) return false;
  if (record !== undefined && !act.records.includes(record)) return false;
  if (fromMs === undefined && toMs === undefined) return true;
  const times = [msOf(line), ...(act.claimed === null ? [] : [Date.parse(act.claimed)]), ...aroundMs];
  return times.some((ms) => (fromMs === undefined || ms >= fromMs) && (toMs === undefined || ms < toMs));
};

const shown = (
  log: LogName,
  { epoch, position, received, deviceId }: StoredLine,
  orderedBy: TimelineLine["orderedBy"],
  { act: { others: _others, ...act }, fault }: Told,
): TimelineLine => ({ log, epoch, position, received, orderedBy, device: deviceId, ...act, fault });

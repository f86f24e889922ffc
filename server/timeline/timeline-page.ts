import type pg from "pg";
import { type LogName, logNames } from "#defence/log/line.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { type StoredLine, storedLinesBefore } from "../verify/stored-lines.ts";
import { type TimelineFilter, type TimelineLine, tellLine } from "./timeline.ts";

export interface TimelinePageAsked {
  filter: Omit<TimelineFilter, "fromMs" | "toMs">;
  /** When the base received a line: from, included, until before. */
  from: Date;
  to: Date;
  /** `next` of the page before. */
  before?: string | undefined;
  linesMax?: number;
  /** Lines that are opened for one page. */
  readMax?: number;
}
export interface ReadPage {
  /** Newest first. */
  lines: Omit<TimelineLine, "orderedBy">[];
  /** Goes into the next call as `before`; null after the oldest line. There may be one where nothing was found yet. */
  next: string | null;
}

const linesMaxDefault = 50;
const readMaxDefault = 20_000;
/** Lines of one log at a time. */
const batch = 500;

interface Place {
  epoch: number;
  position: number;
}
/** Later than every line, and no longer than the query's schema takes. */
const end: Place = { epoch: 999_999_999, position: 999_999_999_999_999 };

/**
 * One page of the timeline, newest first, in a transaction of the archive's role. Each log's lines keep the order of their positions, and
 * the logs are merged by when lines were received. Reads no more than it shows, but for what the filter leaves out.
 */
export const readTimelinePage = async (
  client: pg.ClientBase,
  keyRing: KeyRing,
  asked: TimelinePageAsked,
): Promise<ReadPage> => {
  const { filter, before, linesMax = linesMaxDefault, readMax = readMaxDefault } = asked;
  const places = placesOf(before);
  const lines: ReadPage["lines"] = [];
  const sources: Source[] = [];
  for (const log of logNames) sources.push(await openSource(client, keyRing, log, places[log], asked));
  for (let read = 0; ; read++) {
    const source = newest(sources);
    if (source === undefined) return { lines, next: null };
    if (lines.length === linesMax || read === readMax) return { lines, next: textOf(places) };
    const line = source.head!;
    const told = tellLine(source.log, line, filter);
    if (told !== undefined) lines.push(told);
    places[source.log] = { epoch: line.epoch, position: line.position };
    await source.advance();
  }
};

interface Source {
  log: LogName;
  head: StoredLine | undefined;
  advance(): Promise<void>;
}

const openSource = async (
  client: pg.ClientBase,
  keyRing: KeyRing,
  log: LogName,
  from: Place,
  { filter: { device, record }, from: since, to }: TimelinePageAsked,
): Promise<Source> => {
  let place = from;
  let lines: StoredLine[] = [];
  let at = 0;
  const source: Source = {
    log,
    head: undefined,
    advance: async () => {
      if (at === lines.length) {
        const which = {
          ...place,
          from: since,
          to,
          ...(device && { device }),
          ...(record && { record }),
          linesMax: batch,
        };
        lines = await storedLinesBefore(client, keyRing, log, which);
        at = 0;
      }
      source.head = lines[at++];
      if (source.head !== undefined) place = source.head;
    },
  };
  await source.advance();
  return source;
};

/** Of those that have a line left. */
const newest = (sources: readonly Source[]): Source | undefined =>
  sources
    .filter(({ head }) => head !== undefined)
    .reduce<Source | undefined>((a, b) => (a === undefined || msOf(b) > msOf(a) ? b : a), undefined);
const msOf = ({ head }: Source): number => Date.parse(head!.received);

/** Epoch and position of each log's last line that was read, in the logs' order. */
const textOf = (places: Record<LogName, Place>): string =>
  logNames.map((log) => `${places[log].epoch}.${places[log].position}`).join("-");

const placesOf = (text: string | undefined): Record<LogName, Place> => {
  const parts = text?.split("-").map((part) => part.split(".").map(Number)) ?? [];
  const placeOf = ([epoch = end.epoch, position = end.position]: number[] = []): Place => ({ epoch, position });
  const [care, access, control] = logNames.map((_, i) => placeOf(parts[i]));
  return { care: care!, access: access!, control: control! };
};

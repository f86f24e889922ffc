import type { LineToStore } from "../logs/append-parameters.ts";
import type { Committed } from "../logs/care-log.ts";
import { leafBytes, withLeaf } from "./hashing.ts";
import { lineAbout, type WrittenLines, writeLine, writtenBytes } from "./segment.ts";

/**
 * The newest lines of care, one after the other, as this process stored them: written out for their segment, so that who seals them need
 * not read and open them again. What is not here is read. Past the bound the oldest are let go.
 */
export interface RecentLines {
  /** One commit's. Where they do not follow what is held, because somebody else wrote between or the log went back, that is let go. */
  put(at: Committed, lines: readonly LineToStore[]): void;
  /**
   * Takes what follows a position, as much as is sealed at once; undefined where the next line is not here. What is before is let go. From
   * the next call on what was taken may be written over: it must be sealed by then.
   */
  take(after: number): WrittenLines | undefined;
  /** What is stored may be another log now, or less of it. */
  clear(): void;
}

/** Lines of one epoch, written out behind one another. */
interface Page {
  epoch: number;
  /** Position of the first line that is held. */
  first: number;
  /** Where it begins. */
  start: number;
  /** Where each line that is held ends. */
  ends: number[];
  received: string[];
  /** Of those lines, behind one another, and room. */
  leaves: Buffer;
  buffer: Buffer;
}

/** `pageBytes`: at most so many make one segment, but for a longer line. `pagesMax`: a few seconds of the most that a server takes in. */
export const keepRecentLines = ({ pageBytes = 4_000_000, pagesMax = 16 } = {}): RecentLines => {
  let pages: Page[] = [];
  /** Megabytes made anew for each segment would have V8 collect all garbage twice as often. */
  const free: Buffer[] = [];
  /** Of a page that was taken to its end. */
  let taken: Buffer | undefined;
  const bufferOf = (bytes: number): Buffer =>
    (bytes <= pageBytes ? free.pop() : undefined) ?? Buffer.allocUnsafeSlow(Math.max(pageBytes, bytes));

  const add = (place: { epoch: number; position: number; received: string }, line: LineToStore): void => {
    const stored = { ...place, ...line, bytes: line.bytes.length };
    const about = lineAbout(stored);
    const bytes = writtenBytes(about, line.bytes);
    let page = pages.at(-1);
    if (page === undefined || page.epoch !== place.epoch || endOf(page) + bytes > page.buffer.length) {
      page = { ...nothing(), epoch: place.epoch, first: place.position, start: 0, buffer: bufferOf(bytes) };
      pages.push(page);
      if (pages.length > pagesMax) giveBack(pages.shift()!);
    }
    page.ends.push(writeLine(page.buffer, endOf(page), about, line.bytes));
    page.leaves = withLeaf(page.leaves, page.received.length, "care", stored);
    page.received.push(place.received);
  };
  /** Only a page of which nothing was ever taken is surely nobody's. */
  const giveBack = ({ start, buffer }: Page): void => {
    if (start === 0 && buffer.length === pageBytes && free.length < freeMax) free.push(buffer);
  };
  /** Of the last page there is room left: it goes on behind what was taken. */
  const letGo = (page: Page): void => {
    if (pages.length > 1) taken = pages.shift()!.buffer;
    else goOnBehind(page, nextOf(page));
  };

  return {
    put: ({ epoch, firstPosition, receivedMs }, lines) => {
      const last = pages.at(-1);
      if (last !== undefined && firstPosition !== nextOf(last)) pages = [goOnBehind(last, firstPosition)];
      const received = new Date(receivedMs).toISOString();
      for (const [i, line] of lines.entries()) add({ epoch, position: firstPosition + i, received }, line);
    },
    take: (after) => {
      if (taken?.length === pageBytes && free.length < freeMax) free.push(taken);
      taken = undefined;
      while (pages.length > 1 && nextOf(pages[0]!) <= after + 1) letGo(pages[0]!);
      const page = pages[0];
      if (page === undefined || page.first > after + 1) return undefined;
      if (nextOf(page) <= after + 1) {
        letGo(page);
        return undefined;
      }
      const skipped = after + 1 - page.first;
      const { epoch, received, leaves, ends, buffer } = page;
      const lines = {
        isPart: pages.length > 1,
        epoch,
        first: after + 1,
        last: nextOf(page) - 1,
        received: received[skipped]!,
        leaves: leaves.subarray(skipped * leafBytes, ends.length * leafBytes),
        opened: buffer.subarray(skipped === 0 ? page.start : ends[skipped - 1], endOf(page)),
      };
      letGo(page);
      return lines;
    },
    clear: () => {
      pages = pages.slice(-1).map((page) => goOnBehind(page, 0));
    },
  };
};

const freeMax = 2;
/** Holds no line any more, and will hold those from a position on: what is before them in its buffer stays as it is. */
const goOnBehind = (page: Page, first: number): Page =>
  Object.assign(page, { ...nothing(), first, start: endOf(page) });
const nothing = (): Pick<Page, "ends" | "received" | "leaves"> => ({ ends: [], received: [], leaves: Buffer.alloc(0) });
const endOf = ({ start, ends }: Page): number => ends.at(-1) ?? start;
/** Position of the line after it. */
const nextOf = ({ first, ends }: Page): number => first + ends.length;

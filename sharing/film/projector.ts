import { rowOf } from "./fountain.ts";
import { type FilmHeader, type Frame, frameTold, rowBytesOf, tagBytes } from "./frame.ts";
import { filmLimits } from "./limits.ts";

/** Makes a frame's tag, HMAC-SHA-256 under a key of this film alone; more bytes than `tagBytes` are cut off. */
export type TagOf = (told: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

export interface FilmToShow {
  header: Omit<FilmHeader, "bodyBytes">;
  /** Sealed, for the first symbol; absent in a receipt. */
  summary?: Uint8Array;
  /** Sealed. */
  body: Uint8Array;
  tagOf: TagOf;
}

/** A film as its frames' bytes, in the order in which they are shown; it has no end. */
export interface Projector {
  /** Bytes of the symbol at this place, 0 for the first. */
  frameAt(slot: number): Promise<Uint8Array>;
}

/** The summary stands still for so many places, and comes again every so many: whoever looks in late sees it too. */
const summaryHold = 2;
const summaryEvery = 24;

/** What stands at a place of the film: the summary, or a row. */
export const slotOf = (slot: number, hasSummary: boolean): number | "summary" => {
  if (!hasSummary) return slot % (filmLimits.rowMax + 1);
  if (slot < summaryHold) return "summary";
  const after = slot - summaryHold;
  const round = after % summaryEvery;
  if (round === summaryEvery - 1) return "summary";
  return (Math.floor(after / summaryEvery) * (summaryEvery - 1) + round) % (filmLimits.rowMax + 1);
};

/** Throws a RangeError where the body or the summary is larger than a film may be. */
export const createProjector = ({ header, summary, body, tagOf }: FilmToShow): Projector => {
  if (body.length > filmLimits.bodyBytesMax || (summary?.length ?? 0) > filmLimits.summaryBytesMax)
    throw new RangeError("too large for a film");
  const rowBytes = rowBytesOf({ ...header, bodyBytes: body.length });
  const made = new Map<number | "summary", Promise<Uint8Array>>();
  const make = async (row: number | "summary"): Promise<Uint8Array> => {
    const bytes = row === "summary" ? summary! : rowOf(body, rowBytes, row);
    const frame: Frame = { ...header, bodyBytes: body.length, row, bytes };
    const told = frameTold(frame);
    const tag = await tagOf(told);
    const whole = new Uint8Array(told.length + tagBytes);
    whole.set(told);
    whole.set(tag.subarray(0, tagBytes), told.length);
    return whole;
  };
  return {
    frameAt(slot) {
      const row = slotOf(slot, summary !== undefined);
      const known = made.get(row) ?? make(row);
      if (made.size < framesKeptMax) made.set(row, known);
      return known;
    },
  };
};

/** Frames kept once made: the beginning is shown most. */
const framesKeptMax = 64;

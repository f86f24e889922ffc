import { RowSolver } from "./fountain.ts";
import { type FilmHeader, type FilmPlace, type ReadFrame, readFrame, rowBytesOf, tagBytes } from "./frame.ts";
import { filmLimits } from "./limits.ts";
import type { TagOf } from "./projector.ts";

/** What opens the frames of one film. */
export interface FilmKeys {
  tagOf: TagOf;
  /** Opens the body or the summary; rejects if a byte of it, its film, its site or its device is another. */
  open(part: "body" | "summary", sealed: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * What a symbol turned out to be. Everything but `summary`, `row` and `whole` leaves what was collected as it was.
 *
 * - `none`: no film's; `newer`: of a version that this program does not read
 * - `other-place`: for another site or trust, or for a key that this screen does not have (`no-key`)
 * - `changed`: its tag is not the film's: altered, or of no film at all
 * - `too-large`: past the limits of a film
 * - `replayed`: a film that was received whole before
 * - `damaged`: the rows fit, and the whole does not open: it is collected anew
 */
export type Found =
  | { found: "none" | "newer" | "changed" | "too-large" | "no-key" | "damaged" }
  | { found: "other-place"; place: FilmPlace }
  | { found: "replayed"; filmId: string }
  | { found: "again" | "row"; film: FilmHeader; have: number; of: number }
  | { found: "summary"; film: FilmHeader; opened: Uint8Array<ArrayBuffer> }
  | { found: "whole"; film: FilmHeader; opened: Uint8Array<ArrayBuffer>; keys: FilmKeys };

export interface CollectorParts {
  kind: FilmHeader["kind"];
  /** The keys for a film that begins, by what its frames say; or why there are none. */
  keysFor(film: FilmHeader): Promise<FilmKeys[] | "other-place">;
  isReceived(filmId: string): boolean;
}

interface HalfSeen {
  keys: FilmKeys;
  solver: RowSolver;
  rowBytes: number;
  hasSummary: boolean;
}

/**
 * Collects frames of films, each film by itself, in any order and with whatever is missing. A film that was seen half is gone on
 * with when it is shown again. One frame at a time: the caller waits for the answer before it gives the next.
 */
export const createCollector = ({ kind, keysFor, isReceived }: CollectorParts) => {
  const halfSeen = new Map<string, HalfSeen>();

  /** The first of the keys that made this tag. */
  const keysOf = async ({ told, tag }: ReadFrame, keys: readonly FilmKeys[]): Promise<FilmKeys | undefined> => {
    for (const each of keys) if (same(await each.tagOf(told.slice()), tag)) return each;
    return undefined;
  };

  const begin = async (read: ReadFrame): Promise<HalfSeen | Found> => {
    const { frame } = read;
    if (frame.bodyBytes === 0 || frame.bodyBytes > filmLimits.bodyBytesMax) return { found: "too-large" };
    const offered = await keysFor(frame);
    if (offered === "other-place") return { found: "other-place", place: frame.place };
    if (offered.length === 0) return { found: "no-key" };
    const keys = await keysOf(read, offered);
    if (keys === undefined) return { found: "changed" };
    const rowBytes = rowBytesOf(frame);
    const half: HalfSeen = { keys, solver: new RowSolver(frame.bodyBytes, rowBytes), rowBytes, hasSummary: false };
    if (halfSeen.size >= filmLimits.halfSeenMax) halfSeen.delete(halfSeen.keys().next().value!);
    return half;
  };

  return {
    async take(bytes: Uint8Array): Promise<Found> {
      const read = readFrame(bytes);
      if (read === "none" || read === "newer") return { found: read };
      const { frame, told, tag } = read;
      if (frame.kind !== kind) return { found: "none" };
      if (isReceived(frame.filmId)) return { found: "replayed", filmId: frame.filmId };
      // A film is named by all that its frames say alike: one that says otherwise is another, and has to prove itself.
      const { filmId, deviceId, place, bodyBytes, point } = frame;
      const name = [filmId, deviceId, place.trust, place.siteId, bodyBytes, point.join()].join("\n");
      const known = halfSeen.get(name);
      if (known && !same(await known.keys.tagOf(told.slice()), tag)) return { found: "changed" };
      const half = known ?? (await begin(read));
      if ("found" in half) return half;
      halfSeen.delete(name);
      halfSeen.set(name, half);

      const { bytes: _bytes, row, ...film } = frame;
      const { solver } = half;
      const progress = { film, have: solver.rank, of: solver.blocks };
      if (row === "summary") {
        if (half.hasSummary) return { found: "again", ...progress };
        const opened = await half.keys.open("summary", frame.bytes.slice()).catch(() => undefined);
        if (opened === undefined) return { found: "damaged" };
        half.hasSummary = true;
        return { found: "summary", film, opened };
      }
      if (frame.bytes.length !== half.rowBytes) return { found: "changed" };
      if (!solver.take(row, frame.bytes)) return { found: "again", ...progress };
      const body = solver.body();
      if (body === undefined) return { found: "row", film, have: solver.rank, of: solver.blocks };
      halfSeen.delete(name);
      const opened = await half.keys.open("body", body.slice()).catch(() => undefined);
      return opened === undefined ? { found: "damaged" } : { found: "whole", film, opened, keys: half.keys };
    },
  };
};
export type Collector = ReturnType<typeof createCollector>;

const same = (made: Uint8Array, tag: Uint8Array): boolean => {
  let differ = tag.length ^ tagBytes;
  for (let i = 0; i < tagBytes; i++) differ |= made[i]! ^ tag[i]!;
  return differ === 0;
};

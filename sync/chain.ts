import canonicalize from "canonicalize";
import { type Entry, entryBytesMax } from "#domain/entry/entry.ts";
import type { Clock, Draft, HashText, Random } from "./ports.ts";

/** A place at the end of a chain: the next entry is n, and names `prev`. */
export interface ChainEnd {
  n: number;
  prev: string | null;
}
export const chainStart: ChainEnd = { n: 1, prev: null };

/** Server time minus device clock, and when that was measured, both by the device's clock, ms. */
export interface ServerOffset {
  offsetMs: number;
  measuredAtMs: number;
}

export interface Sealing {
  deviceId: string;
  clock: Clock;
  random: Random;
  hash: HashText;
  serverOffset: ServerOffset | undefined;
}

/** A draft that cannot become an entry. Nothing was stored; `code` says why. */
export class DraftRefused extends Error {
  readonly code: "too-large" | "not-json";
  constructor(code: DraftRefused["code"]) {
    super(
      code === "too-large"
        ? `An entry has at most ${entryBytesMax} bytes; attach the rest as a blob.`
        : "Not JSON data.",
    );
    this.name = "DraftRefused";
    this.code = code;
  }
}

/** Gives a draft its identity, chain, salt and clock, and makes its bytes: the only time they are made. */
export const sealEntry = async (
  draft: Draft,
  end: ChainEnd,
  sealing: Sealing,
): Promise<{ entry: Entry; text: string; hash: string }> => {
  const now = sealing.clock.nowMs();
  const offset = sealing.serverOffset;
  const entry: Entry = {
    id: sealing.random.uuid(),
    recordId: draft.recordId,
    deviceId: sealing.deviceId,
    n: end.n,
    prev: end.prev,
    kind: draft.kind,
    v: 1,
    salt: sealing.random.hex(16),
    occurredAt: draft.occurredAt ?? instantOf(now),
    recorded: {
      clock: instantOf(now),
      timeZone: sealing.clock.timeZone(),
      serverOffsetMs: offset ? Math.round(offset.offsetMs) : null,
      serverOffsetAgeMs: offset ? Math.round(now - offset.measuredAtMs) : null,
    },
    author: draft.author,
    body: draft.body,
    ...(draft.ref && { ref: draft.ref }),
    ...(draft.blobs && { blobs: draft.blobs }),
  };
  const text = canonicalize(entry);
  if (text === undefined) throw new DraftRefused("not-json");
  if (utf8Length(text) > entryBytesMax) throw new DraftRefused("too-large");
  return { entry, text, hash: await sealing.hash(text) };
};

const instantOf = (ms: number): string => new Date(ms).toISOString();

/** UTF-8 bytes of a text, counted without making them. */
export const utf8Length = (text: string): number => {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    if (code < 0x800) bytes += 1;
    else if (code >= 0xd800 && code <= 0xdbff && isLowSurrogate(text.charCodeAt(i + 1))) {
      bytes += 2;
      i++;
    } else bytes += 2;
  }
  return bytes;
};

const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;

import { utf8Length } from "../chain.ts";
import type { HeldEntry } from "../store.ts";

/** A contiguous piece of one chain; its last entry is the head. An author signs it anew, a carrier uses the stored one. */
export interface OutgoingRun {
  deviceId: string;
  recordId: string;
  entries: HeldEntry[];
}

export interface OutgoingPlan {
  runs: OutgoingRun[];
  /** Foreign entries with no stored head signature at or after them: only their author can push them. */
  uncarriable: HeldEntry[];
}

export interface OutgoingLimits {
  entriesMax: number;
  bytesMax: number;
}

/**
 * Cuts waiting entries into runs of one message. `alone` entries go in a run of their own. `heldOf` gives all held entries of
 * a record, to reach the next signed head of another device's chain.
 */
export const planRuns = async (
  waiting: readonly HeldEntry[],
  ownDeviceId: string,
  alone: (id: string) => boolean,
  heldOf: (recordId: string) => Promise<HeldEntry[]>,
  limits: OutgoingLimits,
): Promise<OutgoingPlan> => {
  const plan: OutgoingPlan = { runs: [], uncarriable: [] };
  let entriesLeft = limits.entriesMax;
  let bytesLeft = limits.bytesMax;
  for (const piece of contiguousPieces(waiting, alone)) {
    const first = piece[0]!;
    let run = piece;
    if (first.deviceId !== ownDeviceId) {
      const carried = reachSignedHead(piece, await heldOf(first.recordId));
      if (carried.length === 0) {
        plan.uncarriable.push(...piece);
        continue;
      }
      run = carried;
    }
    const fitting = fit(run, entriesLeft, bytesLeft, first.deviceId !== ownDeviceId);
    // A carried run can be longer than what is left; it goes first in a later message, and whole if it is alone.
    const chosen = fitting.length > 0 ? fitting : plan.runs.length === 0 ? upToFirstHead(run) : [];
    if (chosen.length === 0) continue;
    plan.runs.push({ deviceId: first.deviceId, recordId: first.recordId, entries: chosen });
    entriesLeft -= chosen.length;
    bytesLeft -= bytesOf(chosen);
    if (entriesLeft <= 0 || bytesLeft <= 0) break;
  }
  return plan;
};

const contiguousPieces = (waiting: readonly HeldEntry[], alone: (id: string) => boolean): HeldEntry[][] => {
  const chains = new Map<string, HeldEntry[]>();
  for (const entry of waiting) {
    const key = `${entry.recordId}/${entry.deviceId}`;
    const chain = chains.get(key);
    if (chain) chain.push(entry);
    else chains.set(key, [entry]);
  }
  const pieces: HeldEntry[][] = [];
  for (const chain of chains.values()) {
    chain.sort((a, b) => a.n - b.n);
    let piece: HeldEntry[] = [];
    for (const entry of chain) {
      const before = piece.at(-1);
      if (before && (before.n + 1 !== entry.n || alone(before.id) || alone(entry.id))) {
        pieces.push(piece);
        piece = [];
      }
      piece.push(entry);
    }
    if (piece.length > 0) pieces.push(piece);
  }
  return pieces;
};

/** The piece, cut or lengthened so that it ends at a signed head and covers as much of the piece as can be carried. */
export const reachSignedHead = (piece: readonly HeldEntry[], held: readonly HeldEntry[]): HeldEntry[] => {
  const last = piece.at(-1)!;
  const byN = new Map(held.filter((e) => e.deviceId === last.deviceId).map((e) => [e.n, e]));
  const run = [...piece];
  for (let next: HeldEntry | undefined = last; next; next = byN.get(next.n + 1)) {
    if (next !== last) run.push(next);
    if (next.signature !== undefined) return run;
  }
  const signed = piece.findLastIndex((e) => e.signature !== undefined);
  return piece.slice(0, signed + 1);
};

const upToFirstHead = (run: readonly HeldEntry[]): HeldEntry[] =>
  run.slice(0, run.findIndex((e) => e.signature !== undefined) + 1 || 1);

const fit = (run: readonly HeldEntry[], entriesMax: number, bytesMax: number, carried: boolean): HeldEntry[] => {
  let bytes = 0;
  let end = 0;
  for (let i = 0; i < run.length && i < entriesMax; i++) {
    bytes += utf8Length(run[i]!.text);
    if (bytes > bytesMax) break;
    if (!carried || run[i]!.signature !== undefined) end = i + 1;
  }
  return run.slice(0, end);
};

const bytesOf = (entries: readonly HeldEntry[]): number => entries.reduce((sum, e) => sum + utf8Length(e.text), 0);

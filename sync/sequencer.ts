import type { HeadsRequest } from "#protocol/heads.ts";
import type { Need, PushAnswer, PushRequest } from "#protocol/push.ts";
import { checkRun, type VerifySignature } from "./check-run.ts";
import { type CheckedRun, type Decision, decideRun, lackingOf, type SecurityEvent } from "./decide.ts";
import { GroupView } from "./group-view.ts";
import type { LogStore, RecordHeads } from "./store.ts";

export interface SequencerLimits {
  /** Entries in one commit; a submission is never split. */
  groupEntriesMax: number;
  /** Entries that may wait for their commit; beyond, `submit` throws Busy. */
  queuedEntriesMax: number;
  /** A submission of at most so many entries is somebody writing now; a tenth of the queue is kept for those. */
  liveEntriesMax: number;
  /** Decisions anew, after `stale` or `id-taken`, before the group is told to come back. */
  attemptsMax: number;
  /** What a refused caller is told to wait, ms. */
  retryAfterMs: number;
}
const defaultLimits: SequencerLimits = {
  groupEntriesMax: 2_000,
  queuedEntriesMax: 20_000,
  liveEntriesMax: 10,
  attemptsMax: 10,
  retryAfterMs: 1_000,
};

export interface SequencerParts {
  store: LogStore;
  verify: VerifySignature;
  /** SHA-256 of a text's UTF-8 bytes, hexadecimal. */
  hash: (text: string) => string;
  onSecurityEvent: (event: SecurityEvent) => void;
  limits?: Partial<SequencerLimits>;
  /** How a run is decided; the simulation plants bugs here. */
  decide?: typeof decideRun;
}

export interface Submitted {
  answers: PushAnswer[];
  need: Need[];
}

export interface Sequencer {
  /** Resolves after the commit. Rejects with Busy, or with the store's error; then the caller promises its sender nothing. */
  submit(request: Pick<PushRequest, "chains">): Promise<Submitted>;
  /** Answers offered chain heads with what is lacking (refill). */
  lacking(heads: HeadsRequest["heads"]): Promise<Need[]>;
  /** No room now for more than live entries: a large submission need not even be read. */
  isCrowded(): boolean;
}

/** The queue is at its limit. What is in it is kept; the newcomer comes back later. */
export class Busy extends Error {
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number) {
    super("The log has more waiting than it may. Come back later.");
    this.name = "Busy";
    this.retryAfterMs = retryAfterMs;
  }
}

interface Submission {
  runs: CheckedRun[];
  entries: number;
  resolve: (submitted: Submitted) => void;
  reject: (error: unknown) => void;
}

/** Gives pushed entries their place in the log. One per log: only the store's `stale` tells it of another writer. */
export const createSequencer = (parts: SequencerParts): Sequencer => {
  const limits = { ...defaultLimits, ...parts.limits };
  const { store, verify, hash } = parts;
  const queue: Queue = { live: [], backlog: [] };
  /** What a crowd that comes back at once may fill: it must not lock out a crew that is with its patient. */
  const backlogMax = Math.ceil(limits.queuedEntriesMax * 0.9);
  let queued = 0;
  let pumping = false;

  const pump = async (): Promise<void> => {
    if (pumping) return;
    pumping = true;
    while (queue.live.length + queue.backlog.length > 0) {
      const group = takeGroup(queue, limits.groupEntriesMax);
      await commitGroup(parts, limits, group);
      for (const submission of group) queued -= submission.entries;
    }
    pumping = false;
  };

  return {
    submit: async ({ chains }) => {
      const entries = chains.reduce((sum, run) => sum + run.entries.length, 0);
      const isLive = entries <= limits.liveEntriesMax;
      if (queued + entries > (isLive ? limits.queuedEntriesMax : backlogMax)) throw new Busy(limits.retryAfterMs);
      queued += entries;
      let runs: CheckedRun[];
      try {
        const checks = chains.map((run) => checkRun(run, hash, verify));
        runs = checks.some((c) => c instanceof Promise) ? await Promise.all(checks) : (checks as CheckedRun[]);
      } catch (error) {
        queued -= entries;
        throw error;
      }
      return new Promise<Submitted>((resolve, reject) => {
        queue[isLive ? "live" : "backlog"].push({ runs, entries, resolve, reject });
        void pump();
      });
    },
    lacking: async (heads) => {
      const committed = await store.heads([...new Set(heads.map((h) => h.recordId))]);
      return heads.flatMap((head) => lackingOf(committed.get(head.recordId), head));
    },
    isCrowded: () => queued >= backlogMax,
  };
};

/** What waits, each in its order of arrival. */
interface Queue {
  live: Submission[];
  backlog: Submission[];
}

/**
 * The next group. Those who are writing now have the first half of it, so that a backlog never makes them wait for more
 * than the group under way, and they never stop a backlog.
 */
const takeGroup = (queue: Queue, entriesMax: number): Submission[] => {
  const group = takeUpTo(queue.live, entriesMax / 2, true);
  for (const waiting of [queue.backlog, queue.live]) {
    const entries = group.reduce((sum, submission) => sum + submission.entries, 0);
    group.push(...takeUpTo(waiting, entriesMax - entries, group.length === 0));
  }
  return group;
};

/** From the front, as many as fit; with `atLeastOne`, the first even where it does not. */
const takeUpTo = (waiting: Submission[], entriesMax: number, atLeastOne: boolean): Submission[] => {
  let entries = 0;
  let end = 0;
  while (end < waiting.length) {
    entries += waiting[end]!.entries;
    if (entries > entriesMax && !(end === 0 && atLeastOne)) break;
    end++;
  }
  return waiting.splice(0, end);
};

/** Decides and commits a group; every submission in it is settled when this resolves. */
const commitGroup = async (
  parts: SequencerParts,
  limits: SequencerLimits,
  group: readonly Submission[],
): Promise<void> => {
  let committed: Map<string, RecordHeads>;
  const taken = new Map<string, string>();
  const recordIds = [...new Set(group.flatMap((s) => s.runs.map((r) => r.recordId)))];
  try {
    committed = await parts.store.heads(recordIds);
  } catch (error) {
    for (const submission of group) submission.reject(error);
    return;
  }
  try {
    for (let attempt = 0; attempt < limits.attemptsMax; attempt++) {
      const view = new GroupView(committed, taken);
      const decide = parts.decide ?? decideRun;
      const decisions = group.map(({ runs }) => runs.map((run) => decide(view, run)));
      const lines = decisions.flatMap((ds) => ds.flatMap((d) => d.lines));
      if (lines.length > 0) {
        const touched = new Set(lines.map(({ line }) => line.recordId));
        const expected = new Map([...touched].map((id) => [id, committed.get(id)?.lastPosition ?? 0]));
        const outcome = await parts.store.append(
          lines.map(({ line }) => line),
          expected,
        );
        if (outcome.outcome === "stale") {
          for (const [id, heads] of await parts.store.heads(outcome.recordIds)) committed.set(id, heads);
          continue;
        }
        if (outcome.outcome === "id-taken") {
          for (const [id, stored] of outcome.stored) taken.set(id, stored);
          continue;
        }
        for (const [i, { answer }] of lines.entries()) answer.position = outcome.firstPosition + i;
      }
      settle(parts, group, decisions);
      return;
    }
    throw new Busy(limits.retryAfterMs);
  } catch (error) {
    const [only] = group;
    if (group.length === 1) {
      only!.reject(error);
      return;
    }
    // One submission that the store cannot take must not fail its neighbours: halve until it stands alone.
    const half = Math.ceil(group.length / 2);
    await commitGroup(parts, limits, group.slice(0, half));
    await commitGroup(parts, limits, group.slice(half));
  }
};

const settle = (parts: SequencerParts, group: readonly Submission[], decisions: readonly Decision[][]): void => {
  for (const [i, submission] of group.entries()) {
    const own = decisions[i]!;
    for (const event of own.flatMap((d) => d.events)) parts.onSecurityEvent(event);
    submission.resolve({ answers: own.flatMap((d) => d.answers), need: own.flatMap((d) => d.need) });
  }
};

export type { SecurityEvent, VerifySignature };

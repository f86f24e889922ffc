import { limits as wire } from "#protocol/limits.ts";
import { isArchived } from "./archived.ts";
import { TransportFailure } from "./ports.ts";
import { CarriedContradicts, type CarriedEntry, carry } from "./replica/carry.ts";
import { evictOld } from "./replica/eviction.ts";
import { pullOnce } from "./replica/pull.ts";
import { pushOnce } from "./replica/push.ts";
import { EpochBehind } from "./replica/refill.ts";
import { Session } from "./replica/session.ts";
import {
  NotSaved,
  type ReadEntry,
  type Replica,
  type ReplicaEvent,
  type ReplicaLimits,
  type ReplicaParts,
  type SyncOutcome,
} from "./replica/types.ts";
import { createWriter } from "./replica/writer.ts";

const defaultLimits: ReplicaLimits = {
  pushEntriesMax: wire.pushEntriesMax,
  pushBytesMax: wire.pushBytesMax,
  pullRecordsMax: wire.pullRecordsMax,
  pullLinesMax: wire.pullLinesMax,
  pullPagesMax: 20,
  headsMax: wire.headsMax,
  keepDays: 30,
  evictionEveryRounds: 200,
};

/** Opens the device's half of sync over its store. Nothing is read or sent until a method is called. */
export const createReplica = (parts: ReplicaParts): Replica => {
  const listeners = new Set<(event: ReplicaEvent) => void>();
  const emit = (event: ReplicaEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const session = new Session(parts, { ...defaultLimits, ...parts.limits }, emit);
  const writer = createWriter(session);
  let running: Promise<SyncOutcome> | undefined;
  let last: SyncOutcome["result"] | undefined;
  let rounds = 0;

  const round = async (): Promise<SyncOutcome> => {
    const outcome: SyncOutcome = { result: "done", pushed: 0, pulled: 0, more: false };
    const attempt = async (step: () => Promise<void>): Promise<void> => {
      try {
        await step();
      } catch (error) {
        Object.assign(outcome, failureOf(error));
      }
    };
    await attempt(async () => {
      const { answered, more, retryAfterMs } = await pushOnce(session);
      outcome.pushed = answered;
      outcome.more = more;
      if (retryAfterMs !== undefined) outcome.retryAfterMs = retryAfterMs;
    });
    // A message that the server cannot read, or its busy write side, must not keep this device from reading.
    if (outcome.result === "done" || outcome.result === "rejected" || outcome.result === "busy") {
      await attempt(async () => {
        const { pulled, more } = await pullOnce(session);
        outcome.pulled = pulled;
        outcome.more ||= more;
      });
    }
    if (outcome.result === "done" && ++rounds % session.limits.evictionEveryRounds === 0) {
      await attempt(() => evictOld(session));
    }
    return outcome;
  };

  return {
    write: writer.write,
    writeAgain: writer.writeAgain,
    sendPast: writer.sendPast,
    carry: (recordId, entries) => carry(session, recordId, entries),
    entries: async (recordId) => {
      const sound: ReadEntry[] = [];
      const held = await session.store.entriesOf(recordId);
      const server = session.server ?? (await session.store.server());
      for (const entry of held) {
        if (await session.texts.isSound(entry)) sound.push({ ...entry, inArchive: isArchived(entry.state, server) });
        else session.found({ code: "changed-in-store", recordId, id: entry.id });
      }
      return sound;
    },
    follow: (recordId) => {
      session.followed.set(recordId, (session.followed.get(recordId) ?? 0) + 1);
      let following = true;
      return () => {
        if (!following) return;
        following = false;
        const left = (session.followed.get(recordId) ?? 1) - 1;
        if (left > 0) session.followed.set(recordId, left);
        else session.followed.delete(recordId);
      };
    },
    poked: (recordId) => {
      session.poked.add(recordId);
    },
    setOpen: (recordId, open) => session.store.setOpen(recordId, open),
    syncOnce: () => {
      running ??= round().finally(() => {
        running = undefined;
      });
      return running.then((outcome) => {
        if (last !== outcome.result) {
          last = outcome.result;
          emit({ type: "status" });
        }
        return outcome;
      });
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    status: async () => ({
      ...(await session.store.counts()),
      lastContactMs: session.lastContactMs,
      standby: session.standby,
      levelOfService: last ?? "never-connected",
      findings: [...session.findings],
    }),
  };
};

const failureOf = (error: unknown): Partial<SyncOutcome> => {
  if (error instanceof EpochBehind) return { result: "epoch-behind" };
  if (!(error instanceof TransportFailure)) return { result: "store-failed" };
  const { code, retryAfterMs } = error;
  return { result: code, ...(retryAfterMs !== undefined && { retryAfterMs }) };
};

export type * from "./replica/types.ts";
export type { CarriedEntry };
export { CarriedContradicts, NotSaved };

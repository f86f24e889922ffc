import { isSigned } from "#client/grants.ts";
import type { DeviceIdentity } from "#client/keys.ts";
import { browserRandom, hashText } from "#client/ports.ts";
import type { PullResponse } from "#protocol/pull.ts";
import type { ServerState } from "#protocol/server-state.ts";
import { protocolVersion } from "#protocol/version.ts";
import { createMemoryLogStore, LogDisk } from "#sync/memory-log-store.ts";
import { type Transport, TransportFailure } from "#sync/ports.ts";
import { Busy, createSequencer } from "#sync/sequencer.ts";
import type { Plug } from "./steps.ts";

/** No trust has this name: what says it comes from no server. */
export const practiceTrust = "practice";

const pullLinesMax = 500;

/** The base of a practice: the sequencer that the trust's base runs, over a log in this page, behind a plug. */
export interface PracticeBase {
  transport: Transport;
  plug: () => Plug;
  setPlug: (plug: Plug) => void;
  /** How often each entry stands in the log, by id; a line that the base keeps aside counts nowhere. */
  counts: () => ReadonlyMap<string, number>;
}

export const createPracticeBase = ({ deviceId, publicKey }: Pick<DeviceIdentity, "deviceId" | "publicKey">) => {
  const disk = new LogDisk();
  const incarnation = browserRandom.uuid();
  let plug: Plug = "in";
  /** The sequencer asks for hashes at once, and the browser makes them in its own time. */
  const hashes = new Map<string, string>();
  const sequencer = createSequencer({
    store: createMemoryLogStore(disk, Date.now),
    hash: (text) => hashes.get(text)!,
    verify: async (by, statement, signature) => {
      if (by !== deviceId) return "unknown-device";
      return (await isSigned(publicKey, statement, signature)) ? "valid" : "invalid";
    },
    onSecurityEvent: () => {},
  });

  const state = (): ServerState => ({
    protocol: protocolVersion,
    trust: practiceTrust,
    epoch: disk.epoch,
    incarnation,
    time: new Date().toISOString(),
  });

  /** Pulled while a request is under way, the plug takes the answer with it. */
  const plugged = async <T>(answer: () => Promise<T>): Promise<T> => {
    const mustBeIn = () => {
      if (plug === "out") throw new TransportFailure("unreachable", "The plug is out.");
    };
    mustBeIn();
    const answered = await answer().catch((error) => {
      throw error instanceof Busy ? new TransportFailure("busy", error.message, error.retryAfterMs) : error;
    });
    mustBeIn();
    return answered;
  };

  const transport: Transport = {
    push: (request) =>
      plugged(async () => {
        for (const text of request.chains.flatMap(({ entries }) => entries)) hashes.set(text, await hashText(text));
        const { answers, need } = await sequencer.submit(request);
        return { server: state(), answers, need, lanes: ["P0", "P1"] };
      }),
    pull: (request) =>
      plugged(async () => {
        const records: PullResponse["records"] = {};
        for (const [recordId, { position }] of Object.entries(request.records)) {
          const { lines, more } = disk.readAfter(recordId, position, pullLinesMax);
          const end = more ? lines.at(-1)!.position : disk.lines.length;
          records[recordId] = { lines, cursor: { epoch: disk.epoch, position: end }, more };
        }
        return { server: state(), records };
      }),
    heads: (request) => plugged(async () => ({ server: state(), need: await sequencer.lacking(request.heads) })),
  };

  const base: PracticeBase = {
    transport,
    plug: () => plug,
    setPlug: (next) => {
      plug = next;
    },
    counts: () => {
      const counts = new Map<string, number>();
      for (const { entry, quarantine } of disk.lines)
        if (entry !== null && quarantine === undefined) counts.set(entry.id, (counts.get(entry.id) ?? 0) + 1);
      return counts;
    },
  };
  return base;
};

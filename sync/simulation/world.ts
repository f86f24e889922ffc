import type { decideRun } from "../decide.ts";
import type { LogDisk } from "../memory-log-store.ts";
import type { MemoryReplicaStore } from "../memory-replica-store.ts";
import type { Draft, Transport } from "../ports.ts";
import type { HeldEntry, LogStore, ReplicaStore } from "../store.ts";
import type { Life, Rng, Scheduler } from "./scheduler.ts";

/** What a planted bug puts in place of a shipped part's neighbour. The clean simulation has none. */
export interface Planted {
  replicaStore?: (store: MemoryReplicaStore, world: World, life: Life) => ReplicaStore;
  transport?: (transport: Transport, store: ReplicaStore) => Transport;
  logStore?: (store: LogStore, disk: LogDisk, world: World, life: Life) => LogStore;
  decide?: typeof decideRun;
}

/** How likely each thing goes wrong, drawn from the seed, so that some runs are calm and others a storm. */
export interface Weather {
  requestLost: number;
  responseLost: number;
  duplicated: number;
  flipped: number;
  diskFails: number;
  diskLies: number;
  serverBusy: number;
  astray: number;
}
export const calm: Weather = {
  requestLost: 0,
  responseLost: 0,
  duplicated: 0,
  flipped: 0,
  diskFails: 0,
  diskLies: 0,
  serverBusy: 0,
  astray: 0,
};

/** What everything in one run shares. */
export interface World {
  readonly rng: Rng;
  readonly scheduler: Scheduler;
  /** The network and the god that breaks things; never dies. */
  readonly forever: Life;
  readonly planted: Planted;
  readonly recordIds: readonly string[];
  weather: Weather;
  /** Bytes that may still be changed on the way: an attack is rare, or nothing would ever come through. */
  flipsLeft: number;
  readonly trace: string[];
  readonly violations: string[];
  log(line: string): void;
  violation(invariant: string, detail: string): void;
  /** Hashes of every line that was ever committed as accepted, in any life of any server. */
  readonly everCommitted: Set<string>;
  /** Hashes of every line that was ever put into the archive. */
  readonly everArchived: Set<string>;
}

export const draftOf = (recordId: string, kind: string, text: string): Draft => ({
  recordId,
  kind,
  body: { text },
  author: { userId: "demo", name: "Demo", role: "Paramedic", signIn: "pin" },
});

/** A kind that no version can place: the server cannot read the entry, and keeps it in quarantine. */
export const poisonKind = "Not A Kind";
export const isPoison = (entry: Pick<HeldEntry, "text">): boolean => entry.text.includes(`"kind":"${poisonKind}"`);

/** Changes one character. */
export const flip = (rng: Rng, text: string): string => {
  const at = rng.below(text.length);
  const char = text[at] === "x" ? "y" : "x";
  return text.slice(0, at) + char + text.slice(at + 1);
};

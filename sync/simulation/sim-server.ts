import type { HeadsRequest, HeadsResponse } from "#protocol/heads.ts";
import { limits } from "#protocol/limits.ts";
import type { PullRequest, PullResponse } from "#protocol/pull.ts";
import type { PushRequest, PushResponse } from "#protocol/push.ts";
import type { ServerState } from "#protocol/server-state.ts";
import { createMemoryLogStore, LogDisk } from "../memory-log-store.ts";
import { TransportFailure } from "../ports.ts";
import { Busy, createSequencer, type Sequencer } from "../sequencer.ts";
import { cheapHash, cheapRandom, signatureOf } from "./cheap.ts";
import { checkNewLine } from "./checks.ts";
import type { Life } from "./scheduler.ts";
import type { World } from "./world.ts";

const pullLinesMax = 4;
const segmentLines = 3;

/** A server: a log on a disk, and a process over it that can die at every await. */
export class SimServer {
  readonly disk: LogDisk;
  incarnation: string;
  life: Life = { alive: false };
  private readonly world: World;
  private sequencer!: Sequencer;
  private noted = 0;
  private archived = 0;
  private inFlight = new Set<(error: Error) => void>();

  constructor(world: World, epoch: number) {
    this.world = world;
    this.disk = new LogDisk(epoch);
    this.incarnation = cheapRandom(world.rng).uuid();
    this.boot();
  }

  boot(): void {
    const { world, disk } = this;
    const life: Life = { alive: true };
    this.life = life;
    const pause = (): Promise<void> => world.scheduler.pause(life, 20);
    const store = createMemoryLogStore(disk, () => world.scheduler.nowMs, {
      before: async () => {
        await pause();
        if (world.rng.chance(world.weather.diskFails)) throw new Error("The disk failed.");
      },
      after: pause,
    });
    this.sequencer = createSequencer({
      store: world.planted.logStore?.(store, disk, world, life) ?? store,
      hash: cheapHash,
      verify: (deviceId, statement, signature) =>
        signatureOf(deviceId, statement) === signature ? "valid" : "invalid",
      onSecurityEvent: (event) => world.log(`security event ${event.code}`),
      limits: { queuedEntriesMax: 40, groupEntriesMax: 10 },
      ...(world.planted.decide && { decide: world.planted.decide }),
    });
  }

  crash(): void {
    this.life.alive = false;
    for (const fail of this.inFlight) fail(new TransportFailure("unreachable", "The server died."));
    this.inFlight = new Set();
  }

  /** Starts a new life from an older state, as after a restore. */
  rollBack(length: number, epoch: number): void {
    this.crash();
    this.disk.rollBack(length);
    this.noted = Math.min(this.noted, length);
    this.archived = Math.min(this.archived, length);
    this.disk.epoch = epoch;
    this.incarnation = cheapRandom(this.world.rng).uuid();
    this.boot();
  }

  /** Handles a request in this life of the process; fails if it dies on the way. */
  call<T>(handle: () => Promise<T>): Promise<T> {
    if (!this.life.alive) return Promise.reject(new TransportFailure("unreachable", "The server is down."));
    return new Promise<T>((resolve, reject) => {
      this.inFlight.add(reject);
      handle()
        .then(resolve, (error) => reject(asFailure(error)))
        .finally(() => this.inFlight.delete(reject));
    });
  }

  async push(request: PushRequest): Promise<PushResponse> {
    if (request.epochSeen > this.disk.epoch) throw new TransportFailure("refused", "epoch-behind");
    if (this.world.rng.chance(this.world.weather.serverBusy)) throw new Busy(100);
    const { answers, need } = await this.sequencer.submit(request);
    const state = this.state();
    this.noteCommits();
    for (const { hash, answer } of answers) {
      if (answer !== "accepted" && answer !== "duplicate") continue;
      if (!this.world.everCommitted.has(hash)) this.world.violation("S02", `answered ${answer} before the commit`);
    }
    return { server: state, answers, need, lanes: ["P0", "P1"] };
  }

  /** Checks the lines that are new on the disk, and remembers what was ever committed. */
  noteCommits(): void {
    const { lines } = this.disk;
    for (; this.noted < lines.length; this.noted++) checkNewLine(this.world, lines, this.noted);
  }

  async pull(request: PullRequest): Promise<PullResponse> {
    const records: PullResponse["records"] = {};
    for (const [recordId, { epoch, position }] of Object.entries(request.records)) {
      if (position > this.disk.lines.length || epoch > this.disk.epoch) {
        records[recordId] = { rewind: { epoch: this.disk.epoch, position: 0 } };
        continue;
      }
      const { lines, more } = this.disk.readAfter(recordId, position, pullLinesMax);
      const end = more ? lines.at(-1)!.position : this.disk.lines.length;
      records[recordId] = { lines, cursor: { epoch: this.disk.epoch, position: end }, more };
    }
    return { server: this.state(), records };
  }

  async heads(request: HeadsRequest): Promise<HeadsResponse> {
    if (request.heads.length > limits.headsMax) throw new TransportFailure("rejected", "too many");
    const need = await this.sequencer.lacking(request.heads);
    return { server: this.state(), need };
  }

  state(): ServerState {
    const { epoch } = this.disk;
    const time = new Date(Date.UTC(2026, 0, 1) + this.world.scheduler.nowMs).toISOString();
    this.seal();
    const { incarnation, archived } = this;
    return { protocol: 1, trust: "northmoor", epoch, incarnation, time, archived };
  }

  /** Puts whole segments into the archive; what was put there once stays, whatever becomes of the log. */
  private seal(): void {
    const { lines } = this.disk;
    const end = lines.length - (lines.length % segmentLines);
    for (; this.archived < end; this.archived++) this.world.everArchived.add(lines[this.archived]!.hash);
  }
}

const asFailure = (error: unknown): Error =>
  error instanceof TransportFailure
    ? error
    : error instanceof Busy
      ? new TransportFailure("busy", error.message, error.retryAfterMs)
      : new TransportFailure("unreachable", String(error));

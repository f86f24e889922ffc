import { createMemoryReplicaStore, ReplicaDisk } from "../memory-replica-store.ts";
import type { Clock } from "../ports.ts";
import { createReplica, NotSaved, type Replica } from "../replica.ts";
import { cheapHash, cheapRandom, cheapSigner } from "./cheap.ts";
import { createNetwork, type Route } from "./network.ts";
import type { Life } from "./scheduler.ts";
import type { SimServer } from "./sim-server.ts";
import { draftOf, flip, poisonKind, type World } from "./world.ts";

const tenYearsMs = 10 * 365 * 86_400_000;

/** A tablet or a hospital screen: a disk, a clock that may be wrong, and a process that can die at every await. */
export class SimDevice {
  readonly deviceId: string;
  readonly disk = new ReplicaDisk();
  readonly route: Route = { partitioned: false };
  /** Entry id → text, of every write that resolved: what the crew was told is saved. */
  readonly saved = new Map<string, string>();
  /** Ids of entries whose bytes were changed on this disk on purpose. */
  readonly damaged = new Set<string>();
  dirty = false;
  life: Life = { alive: false };
  writesLeft: number;
  highestEpoch = 0;
  /** Dropped into the canal: it never comes back, and its disk with it. */
  lost = false;
  private readonly world: World;
  private readonly base: SimServer;
  private readonly zombie: () => SimServer | undefined;
  private readonly kinds: readonly string[];
  private clockErrorMs = 0;

  constructor(
    world: World,
    base: SimServer,
    zombie: () => SimServer | undefined,
    parts: { kinds: readonly string[]; writes: number },
  ) {
    this.world = world;
    this.base = base;
    this.zombie = zombie;
    this.kinds = parts.kinds;
    this.writesLeft = parts.writes;
    this.deviceId = cheapRandom(world.rng).uuid();
    this.boot();
  }

  boot(): void {
    const { world, disk } = this;
    const { rng, scheduler, planted } = world;
    const life: Life = { alive: true };
    this.life = life;
    const memory = createMemoryReplicaStore(disk, {
      before: async (operation) => {
        await scheduler.pause(life, 10);
        if (rng.chance(world.weather.diskFails)) throw new Error("The disk is full.");
        this.dirty = true;
        return operation === "append" && rng.chance(world.weather.diskLies) ? "lost" : undefined;
      },
      after: () => scheduler.pause(life, 10),
    });
    const store = planted.replicaStore?.(memory, world, life) ?? memory;
    const network = createNetwork(world, this.base, this.zombie, this.route, life);
    const clock: Clock = {
      nowMs: () => Date.UTC(2026, 0, 1) + scheduler.nowMs + this.clockErrorMs,
      timeZone: () => "Europe/London",
    };
    const replica = createReplica({
      store,
      transport: planted.transport?.(network, store) ?? network,
      signer: cheapSigner(this.deviceId),
      hash: cheapHash,
      clock,
      random: cheapRandom(rng),
      limits: { pushEntriesMax: 3, headsMax: 2, pullPagesMax: 3 },
    });
    for (const recordId of world.recordIds) replica.follow(recordId);
    void this.syncForever(replica, life);
    void this.use(replica, life);
  }

  crash(): void {
    this.life.alive = false;
  }

  revive(): void {
    if (!this.life.alive && !this.lost) this.boot();
  }

  lose(): void {
    this.crash();
    this.lost = true;
    this.writesLeft = 0;
  }

  jumpClock(): void {
    this.clockErrorMs = Math.floor((this.world.rng.unit() * 2 - 1) * tenYearsMs);
  }

  damageSomething(): void {
    const entries = [...this.disk.entries.values()].filter((e) => !this.damaged.has(e.id));
    if (entries.length === 0) return;
    const entry = this.world.rng.pick(entries);
    this.damaged.add(entry.id);
    this.disk.entries.set(entry.id, { ...entry, text: flip(this.world.rng, entry.text) });
  }

  private async syncForever(replica: Replica, life: Life): Promise<void> {
    for (;;) {
      const { more } = await replica.syncOnce();
      await this.world.scheduler.pause(life, more ? 20 : 1_000);
    }
  }

  /** Someone who writes now and then, and goes on after a save that failed. */
  private async use(replica: Replica, life: Life): Promise<void> {
    const { rng, scheduler, recordIds } = this.world;
    while (this.writesLeft > 0) {
      await scheduler.pause(life, 2_000);
      this.writesLeft--;
      const kind = rng.chance(0.06) ? poisonKind : rng.pick(this.kinds);
      try {
        const entry = await replica.write(draftOf(rng.pick(recordIds), kind, `w${this.writesLeft}`));
        this.saved.set(entry.id, entry.text);
        this.dirty = true;
      } catch (error) {
        if (!(error instanceof NotSaved)) throw error;
      }
    }
  }
}

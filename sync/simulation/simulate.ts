import { cheapRandom } from "./cheap.ts";
import { checkDevice, unsettled } from "./checks.ts";
import { createMallory } from "./mallory.ts";
import { createRng, type Life, Scheduler } from "./scheduler.ts";
import { SimDevice } from "./sim-device.ts";
import { SimServer } from "./sim-server.ts";
import { calm, type Planted, type World } from "./world.ts";

export interface SimulationOptions {
  /** A bug put in on purpose. */
  planted?: Planted;
  /** Steps of the troubled part, and of the quiet part in which everything must arrive. */
  stormStepsMax?: number;
  quietStepsMax?: number;
}

export interface Simulation {
  seed: number;
  /** Each "[S05] …"; empty if all invariants held. */
  violations: string[];
  /** What went wrong on purpose, with the virtual time; for reading a failed seed. */
  trace: string[];
  steps: number;
  entries: number;
}

/** Runs the shipped replica and sequencer, several of one and one of the other, through the trouble that a seed describes. */
export const simulate = async (seed: number, options: SimulationOptions = {}): Promise<Simulation> => {
  const world = createWorld(seed, options.planted ?? {});
  const { rng, scheduler, forever } = world;
  const base = new SimServer(world, 1);
  let zombie: SimServer | undefined;
  const kinds = [["note", "drug", "observations"], ["note"], ["receipt", "acceptance"]];
  const devices = Array.from(
    { length: 2 + rng.below(2) },
    (_, i) => new SimDevice(world, base, () => zombie, { kinds: kinds[i]!, writes: 2 + rng.below(5) }),
  );
  const mallory = rng.chance(0.4) ? createMallory(world, base) : undefined;
  const troubles = troublesOf(world, base, devices, mallory, (server) => {
    zombie = server;
  });

  let storming = true;
  void (async () => {
    for (let left = 2 + rng.below(8); left > 0; left--) {
      await scheduler.pause(forever, 1_500);
      await rng.pick(troubles)();
    }
    await scheduler.pause(forever, 1_500);
    storming = false;
  })();

  const afterStep = (): void => {
    base.noteCommits();
    zombie?.noteCommits();
    for (const device of devices) {
      if (!device.dirty) continue;
      device.dirty = false;
      checkDevice(world, device, base);
    }
  };
  const broken = (): boolean => world.violations.length > 0;
  await scheduler.run(() => broken() || !storming, options.stormStepsMax ?? 20_000, afterStep);

  world.log("quiet");
  world.weather = calm;
  zombie = undefined;
  if (!base.life.alive) base.boot();
  for (const device of devices) {
    device.route.partitioned = false;
    device.revive();
  }
  let looks = 0;
  const settled = (): boolean =>
    devices.every((d) => d.writesLeft === 0) && looks++ % 10 === 0 && unsettled(devices, base).length === 0;
  const quiet = await scheduler.run(() => broken() || settled(), options.quietStepsMax ?? 6_000, afterStep);
  for (const device of devices) checkDevice(world, device, base);
  if (!broken() && quiet !== "done") {
    for (const what of unsettled(devices, base).slice(0, 5)) world.violation("S09", `${what} (${quiet})`);
    if (!broken()) world.violation("S09", `never settled (${quiet})`);
  }
  // Nothing of this run may go on once it is judged.
  for (const device of devices) device.crash();
  base.crash();
  const { violations, trace } = world;
  return { seed, violations, trace, steps: scheduler.steps, entries: base.disk.lines.length };
};

const createWorld = (seed: number, planted: Planted): World => {
  const rng = createRng(seed);
  const scheduler = new Scheduler(rng);
  const random = cheapRandom(rng);
  const trace: string[] = [];
  const violations: string[] = [];
  const rough = (): number => (rng.chance(0.5) ? rng.unit() * 0.2 : 0);
  return {
    rng,
    scheduler,
    forever: { alive: true } satisfies Life,
    planted,
    recordIds: [random.uuid(), random.uuid()],
    weather: {
      requestLost: rough(),
      responseLost: rough(),
      duplicated: rough(),
      flipped: rough(),
      diskFails: rough() / 4,
      diskLies: rough(),
      serverBusy: rough(),
      astray: rough(),
    },
    flipsLeft: 3,
    trace,
    violations,
    log: (line) => trace.push(`${scheduler.nowMs} ms: ${line}`),
    violation: (invariant, detail) => {
      const line = `[${invariant}] ${detail}`;
      if (!violations.includes(line)) violations.push(line);
      trace.push(`${scheduler.nowMs} ms: VIOLATION ${line}`);
    },
    everCommitted: new Set(),
    everArchived: new Set(),
  };
};

const troublesOf = (
  world: World,
  base: SimServer,
  devices: readonly SimDevice[],
  mallory: (() => Promise<void>) | undefined,
  setZombie: (server: SimServer) => void,
): (() => Promise<void> | void)[] => {
  const { rng, scheduler, forever, log } = world;
  const device = (): SimDevice => rng.pick(devices);
  const loseSome = (): number => rng.below(base.disk.lines.length + 1);
  return [
    async () => {
      const victim = device();
      if (!victim.life.alive) return;
      log(`device ${devices.indexOf(victim)} dies`);
      victim.crash();
      await scheduler.pause(forever, 500);
      victim.revive();
    },
    async () => {
      if (!base.life.alive) return;
      log("the server dies");
      base.crash();
      await scheduler.pause(forever, 500);
      if (!base.life.alive) base.boot();
    },
    () => {
      const victim = device();
      victim.route.partitioned = !victim.route.partitioned;
      log(`device ${devices.indexOf(victim)} ${victim.route.partitioned ? "loses" : "finds"} the network`);
    },
    () => {
      const victim = device();
      victim.jumpClock();
      log(`the clock of device ${devices.indexOf(victim)} jumps`);
    },
    () => {
      const kept = loseSome();
      log(`the server goes back to line ${kept} of ${base.disk.lines.length}`);
      base.rollBack(kept, base.disk.epoch);
    },
    () => {
      const { epoch, lines } = base.disk;
      const old = new SimServer(world, epoch);
      old.disk.commit(lines, new Date(0).toISOString());
      setZombie(old);
      const kept = loseSome();
      log(`a new epoch begins after line ${kept} of ${lines.length}; the old server lives on`);
      base.rollBack(kept, epoch + 1);
    },
    () => {
      if (!rng.chance(0.3)) return;
      const victim = device();
      log(`a byte changes on the disk of device ${devices.indexOf(victim)}`);
      victim.damageSomething();
    },
    () => {
      const present = devices.filter((d) => !d.lost);
      if (present.length < 2 || !rng.chance(0.5)) return;
      const victim = rng.pick(present);
      log(`device ${devices.indexOf(victim)} is lost for good`);
      victim.lose();
    },
    () => mallory?.(),
  ];
};

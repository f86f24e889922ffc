/** A process that can die. What it awaits when it does never comes back. */
export interface Life {
  alive: boolean;
}

/** Numbers from a seed (sfc32). */
export const createRng = (seed: number) => {
  let [a, b, c, d] = [seed | 0, 0x9e3779b9, 0x243f6a88, 1];
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  const unit = (): number => next() / 4_294_967_296;
  return {
    next,
    unit,
    below: (n: number): number => Math.floor(unit() * n),
    chance: (p: number): boolean => unit() < p,
    pick: <T>(of: readonly T[]): T => of[Math.floor(unit() * of.length)]!,
  };
};
export type Rng = ReturnType<typeof createRng>;

interface Task {
  dueMs: number;
  life: Life;
  resolve: () => void;
}

/** Microtask turns given to what a step set going. Any number is deterministic; this one lets most chains run out. */
const turns = 14;
const turnsWhenIdle = 200;

/** Runs everything that waits, one at a time, in an order that the seed chooses. Time is virtual. */
export class Scheduler {
  nowMs = 0;
  steps = 0;
  private readonly rng: Rng;
  private readonly tasks: Task[] = [];

  constructor(rng: Rng) {
    this.rng = rng;
  }

  /** Gives up the turn, for up to `delayMaxMs` of virtual time. Never comes back to a process that has died. */
  pause(life: Life, delayMaxMs = 0): Promise<void> {
    return new Promise((resolve) => {
      this.tasks.push({ dueMs: this.nowMs + Math.floor(this.rng.unit() * delayMaxMs), life, resolve });
    });
  }

  /** Steps until `done`, nothing waits, or `stepsMax`; says which. `afterStep` sees the world between two steps. */
  async run(done: () => boolean, stepsMax: number, afterStep: () => void): Promise<"done" | "idle" | "steps"> {
    const last = this.steps + stepsMax;
    while (!done()) {
      if (this.steps >= last) return "steps";
      let task = this.take();
      if (!task) {
        for (let i = 0; i < turnsWhenIdle; i++) await null;
        task = this.take();
        if (!task) return "idle";
      }
      if (!task.life.alive) continue;
      this.steps++;
      this.nowMs = Math.max(this.nowMs, task.dueMs);
      task.resolve();
      for (let i = 0; i < turns; i++) await null;
      afterStep();
    }
    return "done";
  }

  private take(): Task | undefined {
    const { tasks } = this;
    if (tasks.length === 0) return undefined;
    let ready = 0;
    let earliest = 0;
    for (let i = 0; i < tasks.length; i++) {
      if (tasks[i]!.dueMs <= this.nowMs) ready++;
      if (tasks[i]!.dueMs < tasks[earliest]!.dueMs) earliest = i;
    }
    let index = earliest;
    if (ready > 0) {
      let nth = this.rng.below(ready);
      index = tasks.findIndex((t) => t.dueMs <= this.nowMs && nth-- === 0);
    }
    const task = tasks[index]!;
    tasks[index] = tasks.at(-1)!;
    tasks.pop();
    return task;
  }
}

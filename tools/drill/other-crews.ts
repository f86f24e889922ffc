import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { tabletCodes } from "#server/identity/demonstration-roster.ts";
import type { ServerPlace } from "./device.ts";
import { createLedger, type LedgerEntry } from "./ledger.ts";
import { other } from "./places.ts";
import { several } from "./several.ts";
import { startTablet } from "./tablet.ts";

/** What the other trust's tablets saw until now. */
export interface OtherDay {
  /** `at`: ms since 1970. */
  pushes: { at: number; ms: number }[];
  /** Tablets that lost sight of their base. */
  moved: number;
  entries: LedgerEntry[];
}

/** The crews of the trust that nobody attacks, in a process of their own: what the drill itself is busy with delays none of their tablets. */
export interface OtherCrews {
  stopWriting(): Promise<void>;
  day(): Promise<OtherDay>;
  end(): Promise<void>;
}

interface Orders {
  tablets: number;
  everyMs: number;
  places: readonly ServerPlace[];
}
type Word = "stop-writing" | "day" | "end";

/**
 * A machine that many trusts share gives each its own part, whatever the others do. Here the whole drill shares two processors, so the
 * other trust's processes go first; where that is not allowed they do not.
 */
export const goFirst = (pid: number): void => {
  try {
    setPriority(pid, -10);
  } catch {
    // Its times then say how busy the drill's machine was.
  }
};

export const startOtherCrews = async (orders: Orders): Promise<OtherCrews> => {
  const child = fork(fileURLToPath(import.meta.url), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  goFirst(child.pid!);
  const ask = async <Answer>(message: Orders | Word): Promise<Answer> => {
    child.send(message);
    return answerOf<Answer>(child);
  };
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.send("end" satisfies Word);
    await ended;
  };
  try {
    await ask(orders);
  } catch (error) {
    child.kill();
    throw error;
  }
  return { stopWriting: () => ask("stop-writing"), day: () => ask("day"), end };
};

const answerOf = async <Answer>(child: ChildProcess): Promise<Answer> => {
  const gone = new AbortController();
  const end = once(child, "exit", { signal: gone.signal }).then(([code]) => {
    throw new Error(`The other trust's crews ended with ${code}.`);
  });
  try {
    const [answer] = (await Promise.race([once(child, "message"), end])) as [Answer];
    return answer;
  } finally {
    gone.abort();
    end.catch(() => {});
  }
};

/** Runs in the process of its own: told whom it plays, and then a word at a time. */
const play = async (orders: Orders): Promise<void> => {
  const ledger = createLedger();
  const tablets = await several(orders.tablets, (index) =>
    startTablet({
      ...{ trust: other, index, ledger, places: orders.places, everyMs: orders.everyMs, announces: true },
      code: tabletCodes[index % tabletCodes.length]!,
    }),
  );
  const done: Record<Word, () => Promise<unknown>> = {
    "stop-writing": () => Promise.all(tablets.map((tablet) => tablet.stopWriting())).then(() => true),
    day: async (): Promise<OtherDay> => ({
      pushes: tablets.flatMap(({ pushes }) => pushes).map(({ at, ms }) => ({ at: performance.timeOrigin + at, ms })),
      moved: tablets.filter(({ moves }) => moves() > 0).length,
      entries: ledger.entries(other),
    }),
    end: async () => {
      await Promise.all(tablets.map((tablet) => tablet.end()));
      process.disconnect?.();
    },
  };
  // The drill was killed: nobody reads what these tablets go on to write.
  process.once("disconnect", () => process.exit());
  process.on("message", async (word: Word) => {
    const answer = await done[word]();
    if (process.connected) process.send!(answer);
  });
  process.send!(true);
};

if (import.meta.main) process.once("message", (orders: Orders) => void play(orders));

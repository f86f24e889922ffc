import { once } from "node:events";
import { type OwnProcess, startProcess } from "./own-process.ts";

/** The demonstration's base, in a process of its own: somebody may take it away, and bring it back with Enter. */
export interface DemonstrationBase {
  pid: number;
  close(): Promise<void>;
}

/** `environment`: its settings, beside those that are set anyhow. `postgres`: see `startProcess`. */
export const startDemonstrationBase = async (
  environment: Record<string, string>,
  postgres: string | undefined,
): Promise<DemonstrationBase> => {
  const start = () => startProcess(["serve", "--zones", "crew,care,control"], environment, postgres);
  let now: OwnProcess<unknown> = await start();
  let isClosing = false;

  const watch = async (): Promise<void> => {
    await now.ended;
    while (!isClosing) {
      console.log("\nThe base is gone. Press Enter to bring it back.");
      await enter();
      if (isClosing) return;
      console.log("Starting the base …");
      try {
        now = await start();
        console.log(`The base is back: kill ${now.pid} takes it away again.`);
        return watch();
      } catch (error) {
        console.error(error instanceof Error ? error.message : error);
      }
    }
  };
  void watch();
  return {
    pid: now.pid,
    close: async () => {
      isClosing = true;
      await now.close();
    },
  };
};

/** Reads the terminal only now: a program in the background that reads it is stopped. */
const enter = async (): Promise<void> => {
  process.stdin.resume();
  process.stdin.unref?.();
  await once(process.stdin, "data");
  process.stdin.pause();
};

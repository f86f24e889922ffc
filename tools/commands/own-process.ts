import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { SetupProblem } from "#server/config.ts";
import { stopLeftBehind } from "#server/postgres/embedded.ts";

/** One of the commands, in a process of its own. */
export interface OwnProcess<Said> {
  /** Its first line. */
  said: Said;
  pid: number;
  /** Resolves when it has ended, however it did. */
  ended: Promise<void>;
  close(): Promise<void>;
}

const script = fileURLToPath(new URL("../holdfast.ts", import.meta.url));

/**
 * Starts `holdfast <verb> --json`, and resolves once it has printed its line. It is in a group of its own: Ctrl-C is for us, who end
 * it. Rejects with SetupProblem where it ends before, having said why. `postgres`: the data directory of a PostgreSQL of its own, which
 * outlives a kill and is then ended by `close`.
 */
export const startProcess = async <Said>(
  verb: readonly string[],
  environment: Record<string, string> = {},
  postgres?: string,
): Promise<OwnProcess<Said>> => {
  const env = { ...process.env, ...environment };
  const stdio = ["ignore", "pipe", "inherit"] as const;
  const child = spawn(process.execPath, [script, ...verb, "--json"], { stdio: [...stdio], detached: true, env });
  const ended = once(child, "exit").then(() => process.off("exit", end));
  const end = () => void child.kill("SIGTERM");
  process.on("exit", end);
  const said = await new Promise<Said>((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("\n")) resolve(JSON.parse(text) as Said);
    });
    child.once("exit", (code) =>
      reject(new SetupProblem(`no-${verb[0]}`, `The ${verb[0]} ended with ${code}.`, "read the lines above.")),
    );
  });
  return {
    said,
    pid: child.pid!,
    ended: ended.then(() => {}),
    close: async () => {
      if (child.exitCode === null && child.signalCode === null) end();
      await ended;
      if (postgres !== undefined && child.exitCode !== 0) await stopLeftBehind(postgres);
    },
  };
};

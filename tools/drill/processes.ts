import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A server of the drill in a process of its own. */
export interface Running {
  pid: number;
  /** The line of JSON that it said when it was ready. */
  said: { port?: number; verifier?: string };
  /** As Ctrl-C does. Resolves once it has ended. */
  stop(): Promise<void>;
  /** With SIGKILL, and every process that it started, its database among them. */
  kill(): Promise<void>;
  /** What it said at its end, where it ended by itself. */
  diedOf(): string | undefined;
}

export interface Ended {
  code: number | null;
  out: string;
  /** The end of what it wrote to stderr. */
  told: string;
}

const script = fileURLToPath(new URL("../holdfast.ts", import.meta.url));
/** As `npx holdfast` has it: half the time to start. */
const compiled = fileURLToPath(new URL("../../.cache/compile", import.meta.url));
const toldMax = 2_000;

/** Nothing of the server that the drill is run beside. */
const environment = (settings: Record<string, string>): NodeJS.ProcessEnv => {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("HOLDFAST_") && name !== "DATABASE_URL");
  return { ...Object.fromEntries(own), NODE_COMPILE_CACHE: compiled, HOLDFAST_LOG: "silent", ...settings };
};

const spawnHoldfast = (args: readonly string[], settings: Record<string, string>): ChildProcess =>
  spawn(process.execPath, [script, ...args], { env: environment(settings), stdio: ["ignore", "pipe", "pipe"] });

/**
 * Runs `holdfast <args>` until it has said that it is ready. Rejects with what it said instead. `databases`: of its own. `onBegun`: told
 * the process's id before it has started anything itself.
 */
export const startHoldfast = async (
  args: readonly string[],
  settings: Record<string, string> = {},
  databases: readonly string[] = [],
  onBegun?: (pid: number) => void,
): Promise<Running> => {
  const child = spawnHoldfast([...args, "--json"], settings);
  onBegun?.(child.pid!);
  const ended = once(child, "exit");
  let isMeant = false;
  const end = (signal: NodeJS.Signals) => async (): Promise<void> => {
    isMeant = true;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await ended;
  };
  let told = "";
  child.stderr!.on("data", (chunk: Buffer) => {
    told = (told + chunk.toString()).slice(-toldMax);
  });
  const said = await new Promise<Running["said"]>((resolve, reject) => {
    let out = "";
    child.stdout!.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      const line = out.split("\n").find((text) => text.startsWith("{"));
      if (line !== undefined && out.includes("\n")) resolve(JSON.parse(line));
    });
    child.once("exit", (code) => reject(new Error(`holdfast ${args[0]} ended with ${code}: ${told}`)));
  });
  return {
    pid: child.pid!,
    said,
    stop: end("SIGTERM"),
    diedOf: () => (isMeant || child.exitCode === null ? undefined : `it ended with ${child.exitCode}: ${told}`),
    kill: async () => {
      const own = (await Promise.all(databases.map(postgresOf))).flat();
      await end("SIGKILL")();
      for (const pid of own) killNow(pid);
      while (await isAnyRunning(own)) await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
};

/** Runs `holdfast <args>` to its end. */
export const runHoldfast = async (args: readonly string[], settings: Record<string, string> = {}): Promise<Ended> => {
  const child = spawnHoldfast(args, settings);
  let [out, told] = ["", ""];
  child.stdout!.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr!.on("data", (chunk: Buffer) => {
    told = (told + chunk.toString()).slice(-toldMax);
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, told };
};

interface Listed {
  pid: number;
  parent: number;
  state: string;
  command: string;
}
const listBytesMax = 64_000_000;
const processes = async (): Promise<Listed[]> => {
  const columns = ["-A", "-o", "pid=,ppid=,stat=,args="];
  const { stdout } = await promisify(execFile)("ps", columns, { maxBuffer: listBytesMax });
  return stdout.split("\n").flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), state: state!, command }];
  });
};

/** The PostgreSQL whose files are in this folder, and its own processes. */
const postgresOf = async (folder: string): Promise<number[]> => {
  const all = await processes();
  const first = all.filter(({ command }) => command.includes(`-D ${folder} `)).map(({ pid }) => pid);
  return all.filter(({ pid, parent }) => first.includes(pid) || first.includes(parent)).map(({ pid }) => pid);
};

const killNow = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
};

/** One that has ended and that nobody has reaped is not. */
const isAnyRunning = async (pids: readonly number[]): Promise<boolean> =>
  pids.length > 0 && (await processes()).some(({ pid, state }) => pids.includes(pid) && !state.startsWith("Z"));

/** Below those that the system gives to connections: a port that is let go of for a while is not taken meanwhile. */
const portsFrom = 20_000;
const portsTo = 32_000;
const given = new Set<number>();

/** A port that nobody listens on, another one each time. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(portsFrom, portsTo);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });

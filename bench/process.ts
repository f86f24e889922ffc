import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inParallel } from "./load.ts";
import type { Measurement } from "./measurement.ts";
import { prepare, pushAccepted } from "./pushes.ts";
import { progress, withRig } from "./rig.ts";
import { memoryMb, peakMemoryMb } from "./storm.ts";

const tablets = 32;

/** Memory of the one Node that serves every zone; PostgreSQL's own is not in it. */
export const memory = (): Promise<Measurement[]> =>
  withRig(0, async (idle) =>
    withRig(tablets, async (loaded) => {
      const client = loaded.crew(tablets);
      for (let round = 0; round < 8; round++) {
        const work = await Promise.all(
          loaded.devices.map((device) => prepare(device, { entries: 1_000, perPush: 100, perRecord: 100 })),
        );
        await inParallel(
          work.map((pushes) => async () => {
            for (const push of pushes) await pushAccepted(client, push);
          }),
          tablets,
        );
        progress(`memory: ${memoryMb(loaded.serverPid).toFixed(0)} MB after ${(round + 1) * tablets} thousand entries`);
      }
      client.close();
      return [
        {
          name: "memory",
          unit: "MB",
          better: "less",
          // It has been idle while the other one worked.
          runs: [memoryMb(idle.serverPid)],
          goal: "≤ 150 MB",
          note: "resident set of the idle server, all zones and both trusts, one screen enrolled",
        },
        {
          name: "memory.load",
          unit: "MB",
          better: "less",
          runs: [peakMemoryMb(loaded.serverPid)],
          note: `its peak (VmHWM) while ${tablets} tablets pushed 256,000 entries in batches of 100`,
        },
      ];
    }),
  );

const root = fileURLToPath(new URL("..", import.meta.url));
const startsMeasured = 3;

/** From `npm start` until every zone answers, demonstration included, with what it needs installed and built. */
export const start = async (): Promise<Measurement[]> => {
  const empty: number[] = [];
  const warm: number[] = [];
  // The first builds the web apps, if they are older than their sources.
  for (let run = 0; run <= startsMeasured; run++) {
    const data = mkdtempSync(join(tmpdir(), "holdfast-start-"));
    try {
      const first = await startOnce(data);
      const second = await startOnce(data);
      progress(`start: ${first.toFixed(2)} s empty, ${second.toFixed(2)} s warm`);
      if (run === 0) continue;
      empty.push(first);
      warm.push(second);
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  }
  const note = "npm start until /healthz of every zone answers, demonstration on, web apps built";
  return [
    { name: "start.empty", unit: "s", better: "less", runs: empty, goal: "≤ 10 s", note },
    { name: "start.warm", unit: "s", better: "less", runs: warm, goal: "≤ 3 s", note },
  ];
};

/** Seconds until every zone answers. Stops it again, and resolves once it has ended. */
const startOnce = async (data: string): Promise<number> => {
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const started = performance.now();
  const child = spawn("npm", ["start", "--silent"], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      HOLDFAST_DATA: data,
      HOLDFAST_APP_PORT: String(ports[0]),
      HOLDFAST_CREW_PORT: String(ports[1]),
      HOLDFAST_CARE_PORT: String(ports[2]),
      HOLDFAST_CONTROL_PORT: "0",
    },
  });
  try {
    await Promise.all(ports.map((port) => untilHealthy(port, child)));
    return (performance.now() - started) / 1000;
  } finally {
    // npm, its shell and the server are one group, as they are for Ctrl-C in a terminal.
    if (child.exitCode === null) process.kill(-child.pid!, "SIGINT");
    await untilGone(-child.pid!);
  }
};

const untilHealthy = async (port: number, child: ChildProcess): Promise<void> => {
  while ((await statusOf(port)) !== 200) {
    if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** npm ends before what it runs, which ends last: base, standby and their databases are its own. */
const untilGone = async (group: number): Promise<void> => {
  const isThere = (): boolean => {
    try {
      return process.kill(group, 0);
    } catch {
      return false;
    }
  };
  while (isThere()) await new Promise((resolve) => setTimeout(resolve, 20));
};

const statusOf = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const asked = get({ host: "127.0.0.1", port, path: "/healthz" }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on("error", () => resolve(undefined));
  });

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

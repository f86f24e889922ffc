import { spawn } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openLogKey } from "#server/archive/log-key.ts";
import { createKeyRing } from "#server/sealing/key-ring.ts";
import { fileTrustKey } from "#server/sealing/trust-key.ts";
import { verifyPack } from "../test/proof/small-verifier.ts";
import { inParallel } from "./load.ts";
import type { BenchOptions, Measurement } from "./measurement.ts";
import { prepare, pushAccepted } from "./pushes.ts";
import { progress, type Rig, withRig } from "./rig.ts";
import { scale } from "./storm.ts";

const trust = "northmoor";
const tablets = 32;
const perTablet = 2_000;
/** More of it than this the command may not have. */
const heapMegabytes = 512;
const script = fileURLToPath(new URL("../tools/holdfast.ts", import.meta.url));

/** What it takes to pack the evidence of so many entries beside a server, and to check the pack. */
export const evidence = ({ entries: wanted = Math.round(1_000_000 * scale) }: BenchOptions): Promise<Measurement[]> =>
  withRig(tablets, async (rig) => {
    const entries = await fill(rig, wanted);
    const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-evidence-"));
    try {
      const path = join(folder, "evidence.tar");
      const packed = await timed(() => pack(rig, path));
      const logKey = openLogKey(rig.dataDirectory, trust, createKeyRing(fileTrustKey(rig.dataDirectory, trust)));
      const parts = { logKeys: [createPublicKey(logKey)], witnesses: [], heads: () => [] };
      const checked = await timed(async () => verifyPack(path, parts));
      const megabytes = Math.round(statSync(path).size / 1e6);
      const about = { unit: "entries/s", better: "more" } as const;
      return [
        {
          ...about,
          name: "evidence",
          runs: [entries / packed],
          goal: "1 M ≤ 15 min, ≥ 1111",
          note: `${entries} entries in ${packed.toFixed(0)} s, ${megabytes} MB, with ${heapMegabytes} MB of heap at most, the server idle beside it; no head was signed`,
        },
        {
          ...about,
          name: "evidence.check",
          runs: [entries / checked],
          note: `the pack checked in ${checked.toFixed(0)} s`,
        },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
};

/** So many, and what makes every tablet's share round. */
const fill = async (rig: Rig, entries: number): Promise<number> => {
  const client = rig.crew(tablets);
  let stored = 0;
  while (stored < entries) {
    const each = Math.min(perTablet, Math.ceil((entries - stored) / tablets / 100) * 100);
    const sizes = { entries: each, perPush: 100, perRecord: 100 };
    const pushes = (await Promise.all(rig.devices.map((device) => prepare(device, sizes)))).flat();
    const jobs = pushes.map((push) => () => pushAccepted(client, push));
    await inParallel(jobs, tablets);
    stored += pushes.length * 100;
    progress(`evidence: ${stored} entries stored`);
  }
  client.close();
  return stored;
};

const pack = async (rig: Rig, path: string): Promise<void> => {
  const args = [`--max-old-space-size=${heapMegabytes}`, script, "evidence", "--trust", trust, "--out", path, "--json"];
  const env = { ...process.env, HOLDFAST_DATA: rig.dataDirectory, DATABASE_URL: rig.adminUrl };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`holdfast evidence ended with ${code}`);
};

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sizes } from "../sizes.ts";
import { cannotCutPower, makeCuttableDisk } from "./power-cut.ts";
import { enrolDevices, type Ledger, lostOf, pushUntil, startServerProcess } from "./server-under-load.ts";

/** Runs the server on a disk whose power is cut that often under load, and counts what the ledger has and the server lost. */
const cutRepeatedly = async (cuts: number, fsync: boolean): Promise<{ acknowledged: number; lost: number }> => {
  const disk = makeCuttableDisk(2048);
  const notes = mkdtempSync(join(tmpdir(), "holdfast-ledger-"));
  const ledger: Ledger = { acknowledged: new Map(), file: join(notes, "acknowledged.txt") };
  try {
    let server = await startServerProcess(disk.folder, true);
    const devices = await enrolDevices(server.ports, 8);
    if (!fsync) {
      // The control starts from a sound database, so that what it loses is acknowledged entries and not the database itself.
      server.child.removeAllListeners("exit");
      const ended = new Promise((resolve) => server.child.once("exit", resolve));
      server.child.kill("SIGTERM");
      await ended;
      server = await startServerProcess(disk.folder, false);
    }
    let lost = new Set<string>();
    for (let cut = 0; cut < cuts; cut++) {
      server.child.removeAllListeners("exit");
      await pushUntil(server.ports, devices, ledger, 300 + cut * 37, () => disk.cutPower());
      server.child.kill("SIGKILL");
      disk.powerOn();
      server = await startServerProcess(disk.folder, true);
      lost = new Set([...lost, ...(await lostOf(server.ports, devices, ledger))]);
    }
    server.child.kill("SIGKILL");
    return { acknowledged: ledger.acknowledged.size, lost: lost.size };
  } finally {
    disk.remove();
    rmSync(notes, { recursive: true, force: true });
  }
};

const why = cannotCutPower();
if (why !== null && process.env.CI) throw new Error(why);

describe.skipIf(why !== null)(`power cuts of the server${why ? ` (skipped: ${why})` : ""}`, () => {
  it(`[S02] loses nothing acknowledged in ${sizes.serverPowerCuts} cuts`, async () => {
    const { acknowledged, lost } = await cutRepeatedly(sizes.serverPowerCuts, true);
    console.log(`server power cuts: ${sizes.serverPowerCuts}, acknowledged ${acknowledged}, lost ${lost}`);
    expect(acknowledged).toBeGreaterThan(sizes.serverPowerCuts * 300);
    expect(lost).toBe(0);
  });

  it("control: with fsync off the same cut loses acknowledged entries", async () => {
    let said: unknown;
    const { acknowledged, lost } = await cutRepeatedly(1, false).catch((error: unknown) => {
      said = error;
      return { acknowledged: 300, lost: 300 };
    });
    console.log(
      `control, fsync off: acknowledged ${acknowledged}, lost ${lost}${said ? " (the database did not start again)" : ""}`,
    );
    expect(lost).toBeGreaterThan(0);
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startEmbedded } from "./embedded.ts";

it("starts after a power cut although another process has the old server's number", async () => {
  const data = mkdtempSync(join(tmpdir(), "holdfast-embedded-"));
  const directory = join(data, "postgres");
  const start = () => startEmbedded(directory, join(data, "secrets", "admin"));
  // A second server gives a living number of the same user, which is what PostgreSQL looks at.
  const other = await startEmbedded(join(data, "other"), join(data, "secrets", "admin"));
  try {
    const first = await start();
    const file = join(directory, "postmaster.pid");
    const lock = readFileSync(file, "utf8");
    await first.stop();
    writeFileSync(file, lock.replace(/^\d+/, String(other.pid)));
    const again = await start();
    expect(again.pid).not.toBe(other.pid);
    await again.stop();
  } finally {
    await other.stop();
    rmSync(data, { recursive: true, force: true });
  }
});

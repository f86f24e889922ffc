import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A small disk of its own for the archive, which can be full. */
export interface SmallDisk {
  fill(): void;
  makeRoom(): void;
  remove(): void;
}

/** Makes `folder` a disk of so many megabytes. Undefined where that needs rights that this process does not have. */
export const smallDisk = (folder: string, megabytes: number): SmallDisk | undefined => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  mkdirSync(folder, { recursive: true });
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=700`, "tmpfs", folder]);
  if (mounted.status !== 0) return undefined;
  const ballast = join(folder, "ballast");
  return {
    fill: () => {
      try {
        writeFileSync(ballast, Buffer.alloc(megabytes * 1_048_576));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
    },
    makeRoom: () => rmSync(ballast, { force: true }),
    remove: () => void spawnSync("umount", [folder]),
  };
};

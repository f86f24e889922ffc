import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why a power cut cannot be simulated here, or null when it can. */
export const cannotCutPower = (): string | null => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "a simulated power cut needs root on Linux";
  if (!existsSync("/usr/sbin/xfs_io")) return "a simulated power cut needs xfs_io: apt-get install xfsprogs";
  if (spawnSync("losetup", ["--find"]).status !== 0) return "a simulated power cut needs loop devices";
  return null;
};

/** A file system of its own whose power can be cut. `folder` is where it is mounted. */
export interface CuttableDisk {
  folder: string;
  /** Throws away all that was not flushed: no log flush, then every process that uses the disk is killed. */
  cutPower(): void;
  /** What a boot would do after the cut: mounts the same image again. */
  powerOn(): void;
  remove(): void;
}

/** Processes with a file, a working directory or a mapping below the folder. */
const processesUsing = (folder: string): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        if (readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)) return true;
        if (readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder)) return true;
        return readdirSync(`/proc/${pid}/fd`).some((fd) => {
          try {
            return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith(folder);
          } catch {
            return false;
          }
        });
      } catch {
        return false;
      }
    })
    .map(Number)
    .filter((pid) => pid !== process.pid);

/**
 * Makes an ext4 image, mounted with its own commit timer held off (600 s), so that only what a program flushed survives
 * `cutPower`. A plain `kill -9` proves nothing about durability.
 */
export const makeCuttableDisk = (megabytes = 1024): CuttableDisk => {
  const base = mkdtempSync(join(tmpdir(), "holdfast-disk-"));
  const image = join(base, "image.ext4");
  const folder = join(base, "mount");
  mkdirSync(folder);
  execFileSync("truncate", ["-s", `${megabytes}M`, image]);
  execFileSync("mkfs.ext4", ["-q", "-F", image]);
  const mount = () => execFileSync("mount", ["-o", "loop,commit=600", image, folder]);
  const unmount = () => {
    for (let attempt = 0; attempt < 50; attempt++) {
      for (const pid of processesUsing(folder)) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It ended by itself.
        }
      }
      if (spawnSync("umount", [folder]).status === 0) return;
    }
    throw new Error(`${folder} is still in use: a lazy unmount would keep what the cut should lose`);
  };
  mount();
  let mounted = true;
  return {
    folder,
    cutPower() {
      execFileSync("xfs_io", ["-x", "-c", "shutdown", folder]);
      unmount();
      mounted = false;
    },
    powerOn() {
      mount();
      mounted = true;
    },
    remove() {
      if (mounted) unmount();
      rmSync(base, { recursive: true, force: true });
    },
  };
};

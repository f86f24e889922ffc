import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Nobody's account on this machine. */
const nobody = 65_534;
const holdfast = fileURLToPath(new URL("../../tools/holdfast.ts", import.meta.url));
const asNobody = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];

/** Why there can be no machine apart here, or null when there can. */
export const cannotBeApart = (): string | null => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "a network namespace needs root on Linux";
  if (spawnSync("ip", ["netns", "list"]).status !== 0) return "a network namespace needs ip: apt-get install iproute2";
  if (!existsSync("/proc/self/ns/net")) return "this kernel has no network namespaces";
  const [program, ...args] = asNobody;
  if (spawnSync(program!, [...args, "test", "-r", holdfast]).status !== 0)
    return "the checkout is closed to other accounts";
  return null;
};

/** A network of its own with one link, which leads to one address of this machine; who runs there is another account. */
export interface MachineApart {
  /** This machine's end of the link: what listens there is all that can be reached from within. */
  outside: string;
  /** The end within. */
  inside: string;
  /** What to spawn so that `command` runs there, as the other account. */
  run(command: string, args: readonly string[]): [command: string, args: string[]];
  account: number;
  remove(): void;
}

export const makeMachineApart = (): MachineApart => {
  const id = process.pid % 60_000;
  const [name, here, there] = [`hf-${id}`, `hfo${id}`, `hfi${id}`];
  const net = `10.${200 + (id % 50)}.${Math.floor(id / 50) % 250}`;
  const [outside, inside] = [`${net}.1`, `${net}.2`];
  const ip = (...args: string[]): void => void execFileSync("ip", args, { stdio: "pipe" });
  const remove = (): void => {
    spawnSync("ip", ["netns", "delete", name]);
    spawnSync("ip", ["link", "delete", here]);
  };
  try {
    ip("netns", "add", name);
    ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", name);
    ip("addr", "add", `${outside}/30`, "dev", here);
    ip("link", "set", here, "up");
    ip("-n", name, "addr", "add", `${inside}/30`, "dev", there);
    ip("-n", name, "link", "set", there, "up");
    ip("-n", name, "link", "set", "lo", "up");
  } catch (error) {
    remove();
    throw error;
  }
  return {
    ...{ outside, inside, account: nobody, remove },
    run: (command, args) => ["ip", ["netns", "exec", name, ...asNobody, command, ...args]],
  };
};

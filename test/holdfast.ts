import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, vi } from "vitest";
import { holdfast } from "../tools/holdfast.ts";

const script = fileURLToPath(new URL("../tools/holdfast.ts", import.meta.url));
/** As `npx holdfast` has it: half the time to start. */
const compiled = { NODE_COMPILE_CACHE: fileURLToPath(new URL("../.cache/compile", import.meta.url)) };

/** What `npx holdfast` starts, without the process that starts it: a kill must reach the one that works. */
export const startHoldfast = (args: readonly string[], settings: Record<string, string> = {}): ChildProcess =>
  spawn(process.execPath, [script, ...args], {
    env: { ...process.env, ...compiled, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });

export interface HoldfastEnd {
  code: number | null;
  out: string;
  /** What it wrote to stderr. */
  told: string;
}

/** Until its end. */
export const runHoldfast = (args: readonly string[], settings?: Record<string, string>): Promise<HoldfastEnd> =>
  endOf(startHoldfast(args, settings));

export const endOf = async (child: ChildProcess): Promise<HoldfastEnd> => {
  let [out, told] = ["", ""];
  child.stdout!.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr!.on("data", (chunk: Buffer) => {
    told += chunk.toString();
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, told };
};

/** Is refused with 2 and with what to do, in this process: before anything is opened. */
export const expectWronglyCalled = async (args: readonly string[]): Promise<void> => {
  const told = vi.spyOn(console, "error").mockImplementation(() => {});
  try {
    expect(await holdfast([...args])).toBe(2);
    expect(told).toHaveBeenCalled();
  } finally {
    told.mockRestore();
  }
};

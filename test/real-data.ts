import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe } from "vitest";
import type { WfdbFiles } from "#monitoring/wfdb.ts";

const variable = process.env.HOLDFAST_REAL_DATA;
/** Recordings of real patients, kept outside the project because of their size; a path is relative to the project's root. */
const folder = resolve(import.meta.dirname, "..", variable ?? "../shared/data", "ecg-wfdb");
const present = existsSync(folder);
if (!present && variable !== undefined)
  throw new Error(
    `HOLDFAST_REAL_DATA is set, and there is no folder ecg-wfdb in it. Set it to the folder that holds the recordings.`,
  );
if (!present)
  console.warn("Real recordings are not here: their tests are skipped. HOLDFAST_REAL_DATA says where they are.");

/** A `describe` that runs where the real recordings are, and otherwise says that it was skipped. */
export const describeReal: typeof describe.skip = present ? describe : describe.skip;

const filesIn = (path: string): WfdbFiles => {
  return (name) => (existsSync(join(path, name)) ? new Uint8Array(readFileSync(join(path, name))) : undefined);
};
/** Files of the recordings at the top, and of the monitor s25047. */
export const realFiles = filesIn(folder);
export const realMonitorFiles = filesIn(join(folder, "s25047"));

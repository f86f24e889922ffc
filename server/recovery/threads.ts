import { availableParallelism } from "node:os";
import Tinypool from "tinypool";
import { BadSealedFile } from "../archive/sealed-file.ts";
import type { ProjectedPage } from "../projection/projected-page.ts";
import type { openLines } from "./open-lines.ts";
import type { CareToPack, PackedCare } from "./pack-care.ts";
import { asBuffer, type Opened, type Packed, type ToOpen } from "./thread.ts";

/** Threads that open, seal and project, while this one reads and stores. */
export interface Threads {
  count: number;
  /** As `openLines`. */
  open: typeof openLines;
  /** As `packCare`. */
  pack(care: CareToPack): Promise<PackedCare>;
  /** As `projectLines`. */
  project(records: readonly (readonly Buffer[])[]): Promise<ProjectedPage>;
  close(): Promise<void>;
}

/** More than these wait for the one database. */
const threadsMax = 8;

export const startThreads = (count = Math.min(threadsMax, availableParallelism())): Threads => {
  const pool = new Tinypool({
    filename: new URL("./thread.ts", import.meta.url).href,
    minThreads: count,
    maxThreads: count,
  });
  return {
    count,
    open: async ({ header, sealed }, identity) => {
      const answer: Opened = await pool.run({ header, sealed, identity } satisfies ToOpen, { name: "open" });
      if ("code" in answer) throw new BadSealedFile(answer.code, answer.words);
      return { ...answer, opened: asBuffer(answer.opened), leaves: asBuffer(answer.leaves) };
    },
    pack: async (care): Promise<Packed> => pool.run(care, { name: "pack" }),
    project: (records) => pool.run(records, { name: "project" }),
    close: () => pool.destroy(),
  };
};

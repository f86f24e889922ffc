import { existsSync } from "node:fs";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import * as z from "zod/mini";
import { syncFolder } from "../secrets.ts";

/** A sealed access line that the database could not take. */
const keptLine = z.object({ hash: z.string(), sealed: z.string() });
export type KeptLine = z.infer<typeof keptLine>;

/** Largest journal, bytes, beside a database that will take its lines soon. Beyond it reads are refused. */
const journalBytesMax = 20_000_000;

/** A file of sealed access lines, so that a crew or a department goes on reading while the access log cannot be written. */
export interface LocalJournal {
  /** Resolves once the lines are on the disk. */
  add(...lines: KeptLine[]): Promise<void>;
  holds(): boolean;
  /** The kept lines, which stay. */
  read(): Promise<KeptLine[]>;
  /** Hands the kept lines over, and forgets them once `append` resolves. */
  drain(append: (lines: KeptLine[]) => Promise<void>): Promise<void>;
}

export const openLocalJournal = (path: string, bytesMax = journalBytesMax): LocalJournal => {
  const draining = `${path}.draining`;
  let holds = existsSync(path) || existsSync(draining);
  let work: Promise<unknown> = Promise.resolve();
  const oneAtATime = <T>(task: () => Promise<T>): Promise<T> => {
    const next = work.then(task, task);
    work = next.catch(() => {});
    return next;
  };
  return {
    holds: () => holds,
    add: (...lines) =>
      oneAtATime(async () => {
        const folder = dirname(path);
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const isNew = !existsSync(path);
        const file = await open(path, "a", 0o600);
        try {
          if ((await file.stat()).size > bytesMax) throw new Error("The local access journal is full.");
          await file.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
          await file.sync();
          if (isNew) for (const each of [folder, dirname(folder)]) syncFolder(each);
          holds = true;
        } finally {
          await file.close();
        }
      }),
    read: () => oneAtATime(async () => [...(await linesIn(draining)), ...(await linesIn(path))]),
    drain: (append) =>
      oneAtATime(async () => {
        if (!holds) return;
        // Lines that an earlier drain was handing over when it ended go first; the log tells repeats by their hash.
        if (!existsSync(draining)) await rename(path, draining);
        const lines = await linesIn(draining);
        if (lines.length > 0) await append(lines);
        await rm(draining);
        holds = existsSync(path);
      }),
  };
};

const linesIn = async (path: string): Promise<KeptLine[]> => {
  if (!existsSync(path)) return [];
  return (await readFile(path, "utf8")).split("\n").flatMap((text) => {
    // The last line may be torn by a power cut: it was never answered.
    try {
      return [keptLine.parse(JSON.parse(text))];
    } catch {
      return [];
    }
  });
};

import { createReadStream, existsSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import * as z from "zod/mini";
import { syncFolder } from "../secrets.ts";
import { createTurns } from "../turns.ts";

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
  /** The kept lines, some at a time, which stay. */
  read(): AsyncGenerator<KeptLine[]>;
  /** Hands the kept lines over, some at a time, and forgets them once `append` has resolved for all. */
  drain(append: (lines: KeptLine[]) => Promise<void>): Promise<void>;
  /** Keeps lines beside the journal that cannot be handed over: they hold up no other, and are not lost. */
  setAside(lines: readonly KeptLine[]): Promise<void>;
}

export const openLocalJournal = (path: string, bytesMax = journalBytesMax): LocalJournal => {
  const draining = `${path}.draining`;
  let holds = existsSync(path) || existsSync(draining);
  // Whoever adds a line waits for the file alone, and never for lines that are being handed over.
  const [atFile, atHandover] = [createTurns(), createTurns()];
  return {
    holds: () => holds,
    add: (...lines) =>
      atFile(async () => {
        await appendLines(path, lines, bytesMax);
        holds = true;
      }),
    read: async function* () {
      for (const each of [draining, path]) yield* adoptedLines(each);
    },
    drain: (append) =>
      atHandover(async () => {
        while (holds) {
          // Lines that an earlier drain was handing over when it ended go first; the log tells repeats by their hash.
          await atFile(async () => {
            if (!existsSync(draining) && existsSync(path)) await rename(path, draining);
          });
          for await (const lines of adoptedLines(draining)) await append(lines);
          await atFile(async () => {
            await rm(draining, { force: true });
            holds = existsSync(path);
          });
        }
      }),
    setAside: (lines) => atFile(() => appendLines(`${path}.unread`, lines, bytesMax)),
  };
};

const appendLines = async (path: string, lines: readonly KeptLine[], bytesMax: number): Promise<void> => {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const isNew = !existsSync(path);
  const file = await open(path, "a+", 0o600);
  try {
    const { size } = await file.stat();
    if (size > bytesMax) throw new Error("The local access journal is full.");
    // Behind a line that was torn by a power cut or a full disk the next would be unreadable too.
    const isTorn = size > 0 && (await file.read({ buffer: Buffer.alloc(1), position: size - 1 })).buffer[0] !== 10;
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    await file.appendFile(isTorn ? `\n${text}` : text);
    await file.sync();
    if (isNew) for (const each of [folder, dirname(folder)]) syncFolder(each);
  } finally {
    await file.close();
  }
};

/** At least so many are handed over at a time, but for the last. */
const linesAtOnce = 2_000;

async function* adoptedLines(path: string): AsyncGenerator<KeptLine[]> {
  if (!existsSync(path)) return;
  let rest = "";
  let lines: KeptLine[] = [];
  for await (const chunk of createReadStream(path, "utf8")) {
    const texts = (rest + chunk).split("\n");
    rest = texts.pop()!;
    lines.push(...texts.flatMap(linesOf));
    if (lines.length < linesAtOnce) continue;
    yield lines;
    lines = [];
  }
  lines.push(...linesOf(rest));
  if (lines.length > 0) yield lines;
}

/** None for a line that was torn: it was never answered. */
const linesOf = (text: string): KeptLine[] => {
  try {
    return [keptLine.parse(JSON.parse(text))];
  } catch {
    return [];
  }
};

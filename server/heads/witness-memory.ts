import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { signedOpening } from "../epochs/opening.ts";
import { replaceSecret } from "../secrets.ts";
import type { WitnessMemory } from "./witness.ts";

/** One file a log, replaced whole and flushed before the witness answers. One process a directory. */
export const directoryMemory = (directory: string): WitnessMemory => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const pathOf = (origin: string): string => join(directory, `${origin.replaceAll("/", "_")}.head`);
  const openingsOf = (trust: string): string => join(directory, `${trust}.openings`);
  return {
    read: (origin) => {
      try {
        return readFileSync(pathOf(origin), "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    openings: (trust) =>
      existsSync(openingsOf(trust))
        ? readFileSync(openingsOf(trust), "utf8")
            .trim()
            .split("\n")
            .map((line) => signedOpening.parse(JSON.parse(line)))
        : [],
    addOpening: (trust, opening) => {
      const before = existsSync(openingsOf(trust)) ? readFileSync(openingsOf(trust), "utf8") : "";
      replaceSecret(openingsOf(trust), `${before}${JSON.stringify(opening)}`);
    },
    // A file's last line break is `replaceSecret`'s own.
    write: (origin, note) => replaceSecret(pathOf(origin), note.slice(0, -1)),
  };
};

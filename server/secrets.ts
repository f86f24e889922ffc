import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { SetupProblem } from "./config.ts";

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new SetupProblem(
      "unreadable-secret",
      `The secret ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      "start as the user that owns it, or correct its permissions; without it what is stored cannot be opened.",
    );
  }
};

/** Reads a secret that another process has made. Throws SetupProblem if there is none, with what to do about it. */
export const existingSecret = (
  path: string,
  todo = "start the process that prepares the database first, or give this process that file.",
): string => {
  const secret = read(path);
  if (secret !== undefined) return secret;
  throw new SetupProblem("no-secret", `There is no secret ${path}.`, todo);
};

/**
 * Reads the file, or creates it with `make()`, mode 0600, flushed to disk before anything is sealed with it. Two
 * processes that start at once end up with the same secret: the first to link its file wins.
 */
export const secretFile = (path: string, make: () => string = newSecret): string => {
  const known = read(path);
  if (known !== undefined) return known;
  const folder = dirname(path);
  const firstMade = mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const draft = writeDraft(path, make());
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(draft);
  }
  // A file is found again after a power cut only if each folder on the way to it is.
  const last = firstMade === undefined ? folder : dirname(firstMade);
  for (let each = folder; ; each = dirname(each)) {
    syncFolder(each);
    if (each === last) break;
  }
  return read(path)!;
};

/** Puts another secret in the file's place, whole or not at all, flushed to disk. */
export const replaceSecret = (path: string, secret: string): void => {
  renameSync(writeDraft(path, secret), path);
  syncFolder(dirname(path));
};

export const newSecret = (): string => randomBytes(32).toString("base64url");

const writeDraft = (path: string, secret: string): string => {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  const file = openSync(draft, "wx", 0o600);
  writeSync(file, `${secret}\n`);
  fsyncSync(file);
  closeSync(file);
  return draft;
};

/** Flushes a folder: the names of the files and folders in it then survive a power cut. */
export const syncFolder = (path: string): void => {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
};

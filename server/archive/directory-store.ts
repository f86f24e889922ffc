import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, open, readdir, readFile, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type ArchiveStore, isArchiveName, NameTaken } from "./archive-store.ts";

/** Files in a directory, which belongs to the letterbox's own account. */
export const directoryStore = (directory: string): ArchiveStore => {
  const pathOf = (name: string): string => {
    if (!isArchiveName(name)) throw new Error("This is no name of the archive.");
    return join(directory, name);
  };
  const namesIn = async (folder: string): Promise<string[]> => {
    const found = await readdir(join(directory, folder)).catch(noneIfMissing);
    return found.filter((name) => !name.startsWith(".")).sort();
  };
  return {
    create: async (name, bytes) => {
      const path = pathOf(name);
      const folder = dirname(path);
      const firstMade = await mkdir(folder, { recursive: true, mode: 0o700 });
      const draft = join(folder, `.${basename(path)}.${randomBytes(4).toString("hex")}`);
      try {
        const file = await open(draft, "wx", 0o400);
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        // A link fails where a rename would overwrite.
        await link(draft, path).catch((error: NodeJS.ErrnoException) => {
          throw error.code === "EEXIST" ? new NameTaken(name) : error;
        });
      } finally {
        await unlink(draft).catch(() => {});
      }
      const top = firstMade === undefined ? folder : dirname(firstMade);
      for (let each = folder; ; each = dirname(each)) {
        await syncFolder(each);
        if (each === top) return;
      }
    },
    read: (name) => readFile(pathOf(name)).catch(undefinedIfMissing),
    list: namesIn,
    removeBefore: async (folder, before) => {
      const removed: string[] = [];
      for (const name of await namesIn(folder)) {
        const path = pathOf(`${folder}/${name}`);
        if ((await stat(path)).mtime >= before) break;
        await chmod(path, 0o600);
        await unlink(path);
        removed.push(name);
      }
      return removed;
    },
  };
};

/** The names in it then survive a power cut. */
const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

const isMissing = (error: NodeJS.ErrnoException): boolean => error.code === "ENOENT";
const noneIfMissing = (error: NodeJS.ErrnoException): string[] => {
  if (isMissing(error)) return [];
  throw error;
};
const undefinedIfMissing = (error: NodeJS.ErrnoException): undefined => {
  if (!isMissing(error)) throw error;
};

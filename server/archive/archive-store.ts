/** Where segments lie. Behind it a directory; an object store with a retention lock takes its place by an adapter. */
export interface ArchiveStore {
  /** Durable when it resolves. Rejects with NameTaken, having changed nothing, if the name is taken: nothing is ever overwritten. */
  create(name: string, bytes: Uint8Array): Promise<void>;
  /** Undefined where there is no such name. */
  read(name: string): Promise<Buffer | undefined>;
  /** Names in a folder, in order. */
  list(folder: string): Promise<string[]>;
  /** Removes names of a folder that were created before the instant, the oldest first: for the retention's own timer. */
  removeBefore(folder: string, before: Date): Promise<string[]>;
}

export class NameTaken extends Error {
  constructor(name: string) {
    super(`${name} is there already.`);
    this.name = "NameTaken";
  }
}

/** `a/b/c.segment`: small letters, digits, dots and hyphens. Whatever else comes would leave the folder. */
export const isArchiveName = (name: string): boolean =>
  /^[a-z0-9-]+(\/[a-z0-9-]+)*\/[a-z0-9][a-z0-9.-]{0,120}$/.test(name);

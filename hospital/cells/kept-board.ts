import * as z from "zod/mini";
import { arrivalsResponse } from "#protocol/arrivals.ts";

const kept = z.object({ heardAtMs: z.int(), board: arrivalsResponse });
/** The last board that a trust sent, and when. */
export type KeptBoard = z.infer<typeof kept>;

interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  bytes: ArrayBuffer;
}

const databaseName = "holdfast-board";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Keeps each trust's last board on this screen, sealed under a key that the browser will not export, so that a screen
 * started without a network still shows who was coming.
 */
export const openKeptBoards = () => {
  const opened = openDatabase();
  const key = opened.then(boardKey);
  // Nobody may be reading yet when the browser refuses its store; each call below meets the failure itself.
  key.catch(() => {});

  return {
    /** Undefined where nothing was kept, or what was kept cannot be read by this version. */
    read: async (trust: string): Promise<KeptBoard | undefined> => {
      const database = await opened;
      const sealed = await done<Sealed | undefined>(database.transaction("boards").objectStore("boards").get(trust));
      if (!sealed) return undefined;
      const bytes = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, await key, sealed.bytes);
      return kept.safeParse(JSON.parse(decoder.decode(bytes))).data;
    },
    write: async (trust: string, board: KeptBoard): Promise<void> => {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const plain = encoder.encode(JSON.stringify(board));
      const bytes = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key, plain);
      const database = await opened;
      await done(database.transaction("boards", "readwrite").objectStore("boards").put({ iv, bytes }, trust));
    },
  };
};
export type KeptBoards = ReturnType<typeof openKeptBoards>;

const openDatabase = (): Promise<IDBDatabase> => {
  const request = indexedDB.open(databaseName, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("boards");
    request.result.createObjectStore("keys");
  };
  return done(request);
};

const boardKey = async (database: IDBDatabase): Promise<CryptoKey> => {
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  // One transaction: of two tabs that start together, the first one's key stays and the second reads it.
  const keys = database.transaction("keys", "readwrite").objectStore("keys");
  const held = await done<CryptoKey | undefined>(keys.get("board"));
  if (held) return held;
  await done(keys.put(made, "board"));
  return made;
};

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

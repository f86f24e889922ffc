import type { Client, OpenClientOptions } from "./client.ts";

/** Opens this browser's device: its store, keys and, once enrolled and unlocked, its replica and sync loop. */
export const openClient = async (options: OpenClientOptions): Promise<Client> => {
  throw new Error(`not yet: ${options.app}`);
};

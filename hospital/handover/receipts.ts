import type { Client } from "#client/client.ts";
import { type Entry, entry } from "#domain/entry/entry.ts";
import { readBody } from "#domain/kinds.ts";
import { authorOf, type ScreenPerson } from "../sign-in/person.ts";
import { writeReceipt } from "./write.ts";

type Heads = Record<string, number>;

/** True where `seen` already claims all of `heads`. */
export const claims = (seen: Heads, heads: Heads): boolean =>
  Object.entries(heads).every(([deviceId, n]) => (seen[deviceId] ?? 0) >= n);

/** Joins two claims: per device the newest. */
const joined = (a: Heads, b: Heads): Heads => {
  const all = { ...a };
  for (const [deviceId, n] of Object.entries(b)) all[deviceId] = Math.max(all[deviceId] ?? 0, n);
  return all;
};

/** What this device has claimed of a record before, by this author. */
const claimedBefore = (entries: readonly Entry[], deviceId: string, userId: string | null): Heads => {
  let seen: Heads = {};
  for (const one of entries) {
    const read = one.deviceId === deviceId && one.kind === "receipt" ? readBody(one) : null;
    if (read?.kind !== "receipt") continue;
    if (userId === null ? read.body.what === "displayed" : read.author.userId === userId)
      seen = joined(seen, read.body.seen);
  }
  return seen;
};

/**
 * Writes a receipt for what was drawn, once per change of its content. The heads passed in leave receipts out
 * (`contentHeads`), and what this device has claimed before is read back after a restart: a receipt never asks for another.
 */
export const createReceipts = () => {
  const claimed = new Map<string, Promise<Heads>>();
  return async (client: Client, recordId: string, heads: Heads, person: ScreenPerson | null): Promise<void> => {
    const deviceId = client.getSnapshot().enrolment?.deviceId;
    if (deviceId === undefined || client.getSnapshot().phase !== "ready") return;
    // This screen's own entries are no news to it.
    const { [deviceId]: _own, ...others } = heads;
    const userId = person && authorOf(person).userId;
    const key = `${client.database} ${recordId} ${userId ?? ""}`;
    const before = claimed.get(key) ?? readClaims(client, recordId, deviceId, userId);
    const next = before.then(async (seen) => {
      if (claims(seen, others)) return seen;
      await writeReceipt(client, recordId, joined(seen, others), person);
      return joined(seen, others);
    });
    claimed.set(key, next);
    await next.catch(() => claimed.delete(key));
  };
};
export type Receipts = ReturnType<typeof createReceipts>;

const readClaims = async (
  client: Client,
  recordId: string,
  deviceId: string,
  userId: string | null,
): Promise<Heads> => {
  const held = await client.replica.entries(recordId);
  const entries = held.map(({ text }) => entry.safeParse(JSON.parse(text)).data).filter((one) => one !== undefined);
  return claimedBefore(entries, deviceId, userId);
};

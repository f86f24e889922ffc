import type { Entry } from "#domain/entry/entry.ts";
import type { PulledLine } from "#protocol/pull.ts";
import { placeIn } from "./archived.ts";
import type { HeldEntry, Lane } from "./store.ts";

/** A line that the base gave, as the device `ownDeviceId` holds it. `entry` is the line's, read and found to be of the chain it names. */
export const heldFrom = (
  { hash, entry: text, signature, position }: PulledLine,
  { id, recordId, deviceId, n }: Entry,
  server: Parameters<typeof placeIn>[0],
  ownDeviceId: string,
  lane: Lane,
): HeldEntry => {
  const at = deviceId === ownDeviceId ? ("acknowledged" as const) : ("foreign" as const);
  const state = { at, ...placeIn(server, position) };
  return { id, recordId, deviceId, n, hash, text, lane, state, ...(signature !== undefined && { signature }) };
};

import "fake-indexeddb/auto";
import { expect, it } from "vitest";
import type { HeldEntry } from "#sync/store.ts";
import { Database } from "./database.ts";
import { createScreenKey } from "./keys.ts";
import { browserRandom } from "./ports.ts";
import { gatherToKeep } from "./second-way-out.ts";
import { createReplicaStore } from "./store.ts";

const held = (recordId: string, text: string, state: HeldEntry["state"]): HeldEntry => {
  const [id, deviceId] = [browserRandom.uuid(), browserRandom.uuid()];
  return { id, recordId, deviceId, n: 1, hash: "0".repeat(64), text, lane: "P0", state };
};
const acknowledged = { at: "acknowledged", epoch: 1, position: 1 } as const;

it("keeps what waits, the record asked for and the text that was not saved, each once and exactly as it is", async () => {
  const database = new Database("to-keep");
  const store = createReplicaStore(database, await createScreenKey());
  const recordId = browserRandom.uuid();
  await store.append(held(recordId, '{"waits":"36.0"}', { at: "waiting" }));
  await store.append(held(recordId, '{"at":"base"}', acknowledged));
  await store.append(held(browserRandom.uuid(), '{"another":"record"}', acknowledged));
  await store.append(held(browserRandom.uuid(), '{"at":"standby"}', { at: "held", life: "a" }));
  const file = await gatherToKeep(store, "device", { recordId, text: '{"not":"saved"}' }, "2026-11-22T10:00:00.000Z");
  expect(file.entries.toSorted()).toEqual(['{"at":"base"}', '{"at":"standby"}', '{"not":"saved"}', '{"waits":"36.0"}']);
  await database.close();
});

it("still gives the text that was not saved when the store cannot be read any more", async () => {
  const database = new Database("to-keep-closed");
  await database.close();
  const store = createReplicaStore(database, await createScreenKey());
  const file = await gatherToKeep(store, "device", { text: '{"not":"saved"}' }, "2026-11-22T10:00:00.000Z");
  expect(file.entries).toEqual(['{"not":"saved"}']);
});

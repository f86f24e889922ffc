import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { PokeBus } from "../live/poke-bus.ts";
import type { Subject } from "../logs/control-log.ts";
import { openConnections } from "./connections.ts";

const key = { kty: "EC", kid: "1", crv: "P-384", x: "x", y: "y" };
const connection = (position: number, endsAt?: string): Subject => ({
  kind: "connection",
  id: "gp",
  position,
  changed: new Date(),
  state: { name: "GP", siteId: "s", keys: [key], types: ["*"], proof: "dpop", ...(endsAt && { endsAt }) },
});
const ended = (position: number): Subject => connection(position, new Date(0).toISOString());

interface Answer<T> {
  resolve(answer: T): void;
  reject(error: Error): void;
}
/** Connections over a log whose answers come when the test says so, in the order it says. */
const openSlowly = async () => {
  const bus = new PokeBus(() => "");
  const asked = { find: [] as Answer<Subject>[], all: [] as Answer<Subject[]>[] };
  const ask = <T>(list: Answer<T>[]): Promise<T> =>
    new Promise((resolve, reject) => void list.push({ resolve, reject }));
  const opening = openConnections({ find: () => ask(asked.find), all: () => ask(asked.all) }, bus);
  asked.all[0]!.resolve([connection(1)]);
  const connections = await opening;
  return {
    asked,
    changed: () => bus.emit("subject", "connection", "gp"),
    found: () => bus.emit("found"),
    version: async () => {
      await setImmediate();
      return connections.active("gp")?.version;
    },
  };
};

test("a connection reads nothing between its change and the reading of it, nor when that fails", async () => {
  const { asked, changed, version } = await openSlowly();
  expect(await version()).toBe(1);
  changed();
  expect(await version()).toBeUndefined();
  asked.find[0]!.resolve(connection(2));
  expect(await version()).toBe(2);
  changed();
  changed();
  asked.find[1]!.resolve(connection(3));
  asked.find[2]!.reject(new Error("The database is away."));
  expect(await version()).toBeUndefined();
});

test("a connection that has ended reads no more, though an earlier answer comes later", async () => {
  const { asked, changed, version } = await openSlowly();
  changed();
  changed();
  asked.find[1]!.resolve(ended(3));
  asked.find[0]!.resolve(connection(2));
  expect(await version()).toBeUndefined();
});

test("what was read of all of them overrides no later change; what another database says, it does", async () => {
  const { asked, changed, found, version } = await openSlowly();
  found();
  changed();
  asked.find[0]!.resolve(ended(3));
  await setImmediate();
  asked.all[1]!.resolve([connection(1)]);
  expect(await version()).toBeUndefined();
  // A restored one, whose lines go less far.
  found();
  asked.all[2]!.resolve([connection(2)]);
  expect(await version()).toBe(2);
  found();
  asked.all[3]!.resolve([]);
  expect(await version()).toBeUndefined();
});

import { EventEmitter, once } from "node:events";
import type { AddressInfo } from "node:net";
import websocket from "@fastify/websocket";
import Fastify from "fastify";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import type { Cell } from "../../cell.ts";
import { uncheckedProofs } from "../../identity/dpop.ts";
import { PokeBus } from "../../live/poke-bus.ts";
import { pokeRoutes } from "./poke-routes.ts";

const [first, second] = ["00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"];

test("of two lists to watch the newer one holds, though the look-up of the older took longer", async () => {
  const bus = new PokeBus(() => "postgres://nowhere");
  const principal = { deviceId: first, zone: "crew", keyThumbprint: "any", readsUntilMs: Number.MAX_SAFE_INTEGER };
  const cell = {
    bus,
    domain: "localhost",
    isReplaced: () => false,
    identity: { authenticate: () => principal },
    devices: { known: () => ({ state: "active" }), changes: new EventEmitter() },
    proofs: uncheckedProofs(),
  } as unknown as Cell;
  const lookUps: ((recordIds: string[]) => void)[] = [];
  const watchable = () => new Promise<string[]>((resolve) => lookUps.push(resolve));
  const app = Fastify();
  await app.register(websocket);
  pokeRoutes(app, { zone: "crew", watchable }, new Map([["northmoor", cell]]), 1, () => {});
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/sync/v1/poke`, ["dpop.token"], {
    headers: { host: "crew.northmoor.localhost" },
  });
  try {
    await once(socket, "open");
    socket.send(JSON.stringify({ watch: [first] }));
    socket.send(JSON.stringify({ watch: [second] }));
    await expect.poll(() => lookUps.length).toBe(2);
    lookUps[1]!([second]);
    lookUps[0]!([first]);
    await expect.poll(() => bus.records.eventNames()).toEqual([second]);
  } finally {
    socket.terminate();
    await app.close();
  }
});

import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type WebSocket as ServerSocket, WebSocketServer } from "ws";
import { type Poke, pokeSubprotocol } from "#protocol/poke.ts";
import type { Credentials } from "./credentials.ts";
import { openPokes, type Pokes } from "./poke.ts";
import { browserRandom } from "./ports.ts";
import { createServers, type Servers } from "./servers.ts";

const recordId = browserRandom.uuid();

describe("pokes", () => {
  let server: WebSocketServer;
  let sockets: ServerSocket[];
  let offered: string[];
  let heard: string[];
  let poked: Poke[];
  let opened: number;
  let lost: number;
  let servers: Servers;
  let pokes: Pokes;
  beforeEach(async () => {
    sockets = [];
    offered = [];
    heard = [];
    poked = [];
    opened = 0;
    lost = 0;
    const handleProtocols = (protocols: Set<string>) => {
      offered = [...protocols];
      return pokeSubprotocol;
    };
    server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols });
    server.on("connection", (socket) => {
      sockets.push(socket);
      socket.on("message", (data) => heard.push(String(data)));
    });
    await new Promise<void>((resolve) => server.once("listening", resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    let proofs = 0;
    const credentials: Credentials = {
      headers: async () => ({}),
      subprotocols: async () => ["dpop.the-token", `proof.${++proofs}`],
      hasNonce: () => true,
      forgetNonce() {},
      heard: async () => false,
    };
    const soon = { ...browserRandom, unit: () => 0 };
    const listeners = { onPoke: (poke: Poke) => poked.push(poke), onOpen: () => opened++, onLost: () => lost++ };
    servers = createServers([baseUrl, "http://localhost:1"], async () => false);
    pokes = openPokes({ servers, credentials }, soon, listeners);
  });
  afterEach(() => {
    pokes.close();
    for (const socket of sockets) socket.terminate();
    server.close();
  });

  it("presents the token as a subprotocol, says what it watches, and hands on what it can read", async () => {
    await expect.poll(() => opened).toBe(1);
    expect(offered).toEqual([pokeSubprotocol, "dpop.the-token", "proof.1"]);
    pokes.watch([recordId]);
    await expect.poll(() => heard).toContain(JSON.stringify({ watch: [recordId] }));
    sockets[0]!.send("not JSON");
    sockets[0]!.send(JSON.stringify({ poke: "of another version" }));
    sockets[0]!.send(JSON.stringify({ poke: "record", recordId, epoch: 1, position: 7 }));
    await expect.poll(() => poked).toEqual([{ poke: "record", recordId, epoch: 1, position: 7 }]);
  });

  it("connects again when the socket breaks, says again what it watches, and tells that it was away", async () => {
    await expect.poll(() => opened).toBe(1);
    pokes.watch([recordId]);
    await expect.poll(() => heard.at(-1)).toContain(recordId);
    heard.length = 0;
    sockets[0]!.terminate();
    await expect.poll(() => opened).toBe(2);
    // Each time with a proof of its own.
    expect(offered).toContain("proof.2");
    await expect.poll(() => heard).toEqual([JSON.stringify({ watch: [recordId] })]);
  });

  it("tells once that it was cut off where the first try to come back fails, and moves on with the device", async () => {
    await expect.poll(() => opened).toBe(1);
    const { port } = server.address() as AddressInfo;
    server.close();
    sockets[0]!.terminate();
    await expect.poll(() => lost).toBe(1);
    // The other place is this one under another name.
    server = new WebSocketServer({ port, host: "127.0.0.1" });
    servers.update([`http://localhost:${port}`]);
    pokes.move();
    await expect.poll(() => opened).toBe(2);
    expect(lost).toBe(1);
  });

  it("stays closed once closed: the next to connect is somebody else", async () => {
    await expect.poll(() => opened).toBe(1);
    pokes.close();
    await expect.poll(() => server.clients.size).toBe(0);
    const { port } = server.address() as AddressInfo;
    const probe = new WebSocket(`ws://127.0.0.1:${port}`, [pokeSubprotocol]);
    await expect.poll(() => probe.readyState).toBe(WebSocket.OPEN);
    expect([sockets.length, opened]).toEqual([2, 1]);
    probe.close();
  });
});

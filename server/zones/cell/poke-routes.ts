import type { FastifyInstance, FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import { type Poke, watch } from "#protocol/poke.ts";
import type { Cell } from "../../cell.ts";
import { type Cells, cellOf } from "../../http/cell-host.ts";
import { ProblemError } from "../../http/problem-error.ts";
import { mayRead, principalOf } from "../../http/sign-in.ts";
import type { KnownDevice } from "../../identity/devices.ts";
import type { Principal } from "../../identity/identity.ts";
import type { RecordPoke } from "../../live/poke-bus.ts";
import type { SyncRules } from "./sync-routes.ts";

const heartbeatMs = 25_000;
/** Bytes that may wait in one socket before its client is cut off: pokes are small, so it reads nothing any more. */
const waitingBytesMax = 256_000;
const byeRetryAfterMs = 3_000;

export interface PokeSockets {
  /** Says `bye` to every socket and closes it. */
  bye(reason: string): void;
}

/** `GET /sync/v1/poke`: tells a client that something changed. It carries no truth; a client that misses one polls. */
export const pokeRoutes = (
  app: FastifyInstance,
  rules: Pick<SyncRules, "zone" | "watchable">,
  cells: Cells,
  socketsMax: number,
  onCount: (sockets: number) => void,
): PokeSockets => {
  const { zone } = rules;
  const open = new Set<WebSocket>();
  const signedIn = (request: FastifyRequest): { cell: Cell; principal: Principal } => {
    const cell = cellOf(cells, zone, request);
    return { cell, principal: mayRead(principalOf(cell, zone, request)) };
  };

  app.get(
    "/sync/v1/poke",
    {
      websocket: true,
      config: { action: "watch" },
      preValidation: async (request) => {
        signedIn(request);
        // The newcomer is refused and nobody is evicted, or a reconnecting crowd would keep throwing itself out.
        if (open.size >= socketsMax)
          throw new ProblemError(503, "sockets", "No more live connections.", "Poll instead, and try later.", 30_000);
      },
    },
    (socket, request) => {
      const { cell, principal } = signedIn(request);
      open.add(socket);
      onCount(open.size);
      const stop = serve(socket, cell, principal, rules);
      socket.once("close", () => {
        stop();
        open.delete(socket);
        onCount(open.size);
      });
    },
  );

  return {
    bye: (reason) => {
      for (const socket of open) {
        socket.send(JSON.stringify({ poke: "bye", reason, retryAfterMs: byeRetryAfterMs } satisfies Poke));
        socket.close(1001, reason);
      }
    },
  };
};

/** Pokes one client until it goes. Returns what ends it. */
const serve = (
  socket: WebSocket,
  cell: Cell,
  principal: Principal,
  rules: Pick<SyncRules, "watchable">,
): (() => void) => {
  let watched: readonly string[] = [];
  let isAlive = true;
  let turns = 0;
  const send = (poke: Poke) => {
    if (socket.bufferedAmount > waitingBytesMax) {
      socket.close(1008, "too slow");
      socket.terminate();
      return;
    }
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(poke));
  };
  const onRecord = (moved: RecordPoke) => send({ poke: "record", ...moved });
  const onArrivals = (siteId: string) => {
    if (siteId === principal.siteId) send({ poke: "arrivals", siteId });
  };
  const watchOnly = (recordIds: readonly string[]) => {
    for (const recordId of watched) cell.bus.records.off(recordId, onRecord);
    watched = recordIds;
    for (const recordId of watched) cell.bus.records.on(recordId, onRecord);
  };
  const onSessionEnd = (sessionId: string) => {
    if (sessionId === principal.sessionId) socket.close(1008, "signed out");
  };
  const onDevice = ({ state }: KnownDevice) => {
    if (state !== "active") socket.close(1008, "device revoked");
  };
  cell.bus.on("arrivals", onArrivals);
  cell.devices.changes.on(principal.deviceId, onDevice);
  cell.bus.on("session", onSessionEnd);

  socket.on("message", (data) => {
    const asked = readWatch(String(data));
    if (asked === undefined) socket.close(1008, "not a watch message");
    else {
      const turn = ++turns;
      rules.watchable(cell, principal, asked).then(
        (inScope) => {
          // A slow look-up must not put an older list in the place of a newer one.
          if (turn === turns && socket.readyState === socket.OPEN) watchOnly([...new Set(inScope)]);
        },
        () => socket.close(1011, "try again"),
      );
    }
  });
  socket.on("error", () => socket.terminate());
  socket.on("pong", () => {
    isAlive = true;
  });
  const heartbeat = setInterval(() => {
    if (!isAlive) socket.terminate();
    isAlive = false;
    socket.ping();
  }, heartbeatMs);
  heartbeat.unref();

  return () => {
    clearInterval(heartbeat);
    watchOnly([]);
    cell.bus.off("arrivals", onArrivals);
    cell.devices.changes.off(principal.deviceId, onDevice);
    cell.bus.off("session", onSessionEnd);
  };
};

/** The records that a watch message names; undefined if it is none. */
const readWatch = (text: string): string[] | undefined => {
  try {
    return watch.safeParse(JSON.parse(text)).data?.watch;
  } catch {
    return undefined;
  }
};

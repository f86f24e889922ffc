import { type Poke, poke, pokeSubprotocol } from "#protocol/poke.ts";
import type { Random } from "#sync/ports.ts";
import { type Endpoint, ensureNonce } from "./transport.ts";

const reconnectMs = { first: 1_000, max: 30_000 } as const;
const watchMax = 500;

export interface Pokes {
  /** The records to be poked about; replaces the earlier list. Past 500 the rest is left to polling. */
  watch(recordIds: readonly string[]): void;
  /** Another server of the trust is called now: on to it. */
  move(): void;
  close(): void;
}

interface PokeListeners {
  onPoke(poke: Poke): void;
  /** Connected, anew perhaps: whatever was missed meanwhile has to be asked for. */
  onOpen(): void;
  /** What was connected is so no more, and did not come back at the first try. */
  onLost(): void;
}

const readPoke = (data: unknown): Poke | undefined => {
  try {
    return poke.safeParse(JSON.parse(String(data))).data;
  } catch {
    return undefined;
  }
};

/**
 * One WebSocket to a cell, opened again for as long as it is wanted, with full jitter. It carries no truth: while it is
 * down the sync loop's timer finds the same things later.
 */
export const openPokes = (endpoint: Endpoint, random: Random, listeners: PokeListeners): Pokes => {
  let watched: readonly string[] = [];
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let notBeforeMs = 0;
  let closed = false;
  let isMissed = false;
  // Counts connections: what an earlier one still has to say is of no interest.
  let turn = 0;

  const tellWatched = () => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ watch: watched.slice(0, watchMax) }));
  };

  const failed = () => {
    if (isMissed) listeners.onLost();
    isMissed = false;
    reconnectLater();
  };
  const reconnectLater = () => {
    if (closed) return;
    const jitter = random.unit() * Math.min(reconnectMs.max, reconnectMs.first * 2 ** Math.min(attempt++, 10));
    timer = setTimeout(() => void connect(), notBeforeMs + jitter);
    notBeforeMs = 0;
  };

  const connect = async () => {
    const { credentials, servers } = endpoint;
    const mine = ++turn;
    const address = new URL("/sync/v1/poke", servers.url());
    let signedIn: string[];
    try {
      await ensureNonce(endpoint);
      signedIn = (await credentials?.subprotocols(address)) ?? [];
    } catch {
      return mine === turn ? failed() : undefined;
    }
    if (closed || mine !== turn) return;
    const opened = new WebSocket(address.href.replace(/^http/, "ws"), [pokeSubprotocol, ...signedIn]);
    socket = opened;
    let wasOpen = false;
    opened.onopen = () => {
      wasOpen = true;
      attempt = 0;
      tellWatched();
      listeners.onOpen();
    };
    opened.onmessage = ({ data }) => {
      const read = readPoke(data);
      if (read === undefined) return;
      if (read.poke === "bye") notBeforeMs = read.retryAfterMs;
      listeners.onPoke(read);
    };
    opened.onclose = () => {
      if (mine !== turn) return;
      if (wasOpen) {
        isMissed = true;
        return reconnectLater();
      }
      // Why it was refused is not told here: a stale nonce, perhaps.
      credentials?.forgetNonce();
      failed();
    };
  };

  void connect();
  return {
    watch(recordIds) {
      watched = [...recordIds];
      tellWatched();
    },
    move() {
      clearTimeout(timer);
      endpoint.credentials?.forgetNonce();
      attempt = 0;
      notBeforeMs = 0;
      isMissed = false;
      const left = socket;
      void connect();
      left?.close();
    },
    close() {
      closed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
};

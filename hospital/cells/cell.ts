import type { Client, ClientSnapshot } from "#client/client.ts";
import type { ArrivalsResponse } from "#protocol/arrivals.ts";
import { TransportFailure } from "#sync/ports.ts";
import type { Endpoint } from "./endpoints.ts";
import type { KeptBoards } from "./kept-board.ts";
import { type OwnWork, readOwnWork } from "./own-work.ts";
import { type ReceivedRecords, readReceived } from "./received.ts";

/** One trust's cell as the board knows it. A new object for each change. */
export interface CellSnapshot {
  endpoint: Endpoint;
  client: ClientSnapshot;
  /** What was last known; null before the first answer on this screen. */
  board: ArrivalsResponse | null;
  /** Device clock at that answer. */
  heardAtMs: number | null;
  /** The last question was answered. */
  live: boolean;
  /** Server time minus device clock, ms, at the last answer of this session. */
  clockOffsetMs: number | null;
  /** What was written at this screen and the board does not tell yet, by record: acceptances and places. */
  ownWork: OwnWork;
  /** What came to this screen by camera, by record. */
  received: ReceivedRecords;
}

export interface Cell {
  readonly client: Client;
  subscribe(listener: () => void): () => void;
  getSnapshot(): CellSnapshot;
  /** Asks for the board now. */
  refresh(): Promise<void>;
  /** A film was received, or answered. */
  noteReceived(): Promise<void>;
  close(): void;
}

/** Pokes make the board live; this is for those that are lost, and for networks that let no socket through. */
const pollMs = 10_000;

/** Follows one trust's arrivals: keeps the last board, asks again on each poke and on a timer, never two questions at once. */
export const openCell = (endpoint: Endpoint, client: Client, kept: KeptBoards): Cell => {
  const listeners = new Set<() => void>();
  let snapshot: CellSnapshot = {
    endpoint,
    client: client.getSnapshot(),
    board: null,
    heardAtMs: null,
    live: false,
    clockOffsetMs: null,
    ownWork: new Map(),
    received: new Map(),
  };
  const change = (part: Partial<CellSnapshot>) => {
    snapshot = { ...snapshot, ...part };
    for (const listener of listeners) listener();
  };

  /** The patient view must open without a network too, so every record on the board is kept here while it is there. */
  let followed: ReadonlySet<string> = new Set();
  const follow = (board: ArrivalsResponse) => {
    followed = new Set(board.arrivals.map((arrival) => arrival.recordId));
    client.follow([...followed]);
    void noteOwnWork();
  };
  const noteOwnWork = async () => {
    const { board, client: state } = snapshot;
    if (!board || !state.enrolment || state.phase !== "ready") return;
    change({ ownWork: await readOwnWork(client.replica, state.enrolment.deviceId, board.arrivals) });
  };
  const noteReceived = async () => {
    if (snapshot.client.phase === "ready") change({ received: await readReceived(client, Date.now()) });
  };
  let stopChanges = () => {};

  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: Promise<void> | null = null;
  let askAgain = false;
  let closed = false;

  const ask = async (): Promise<number> => {
    try {
      const sentAtMs = Date.now();
      const board = await client.arrivals();
      const heardAtMs = Date.now();
      const halfWay = sentAtMs + (heardAtMs - sentAtMs) / 2;
      change({ board, heardAtMs, live: true, clockOffsetMs: Math.round(Date.parse(board.server.time) - halfWay) });
      follow(board);
      // A screen whose store is full still shows what it hears; it only starts empty next time.
      kept.write(endpoint.trust, { heardAtMs, board }).catch(() => {});
      return pollMs;
    } catch (failure) {
      change({ live: false });
      return failure instanceof TransportFailure ? (failure.retryAfterMs ?? pollMs) : pollMs;
    }
  };
  const refresh = (): Promise<void> => {
    if (closed || snapshot.client.phase !== "ready") return Promise.resolve();
    if (asking) {
      askAgain = true;
      return asking;
    }
    clearTimeout(timer);
    asking = ask().then((waitMs) => {
      asking = null;
      if (closed) return;
      const next = askAgain ? 0 : waitMs;
      askAgain = false;
      timer = setTimeout(refresh, next);
    });
    return asking;
  };

  const stopWatching = client.subscribe(() => {
    const before = snapshot.client;
    const now = client.getSnapshot();
    change({ client: now });
    if (now.phase === "ready" && before.phase !== "ready") becomeReady();
    const cameBack =
      now.phase === "ready" && (before.phase !== "ready" || (before.link !== "online" && now.link === "online"));
    const changedServer = (now.standby === null) !== (before.standby === null);
    // Names come with a person and go with them; their records are asked for, or no more.
    const changedPerson = now.signedIn?.userId !== before.signedIn?.userId;
    if (changedPerson && now.phase === "ready") void client.syncNow();
    if (cameBack || changedServer || changedPerson) refresh();
  });
  const stopPokes = client.onPoke((poke) => {
    if (poke.poke === "arrivals") refresh();
  });
  const becomeReady = () => {
    stopChanges = client.replica.onChange((event) => {
      const touched = event.type === "entries" ? [event.recordId] : event.type === "states" ? event.recordIds : [];
      if (touched.some((recordId) => followed.has(recordId))) void noteOwnWork();
      if (touched.some((recordId) => snapshot.received.has(recordId))) void noteReceived().catch(() => {});
    });
    void noteReceived().catch(() => {});
    if (snapshot.board) follow(snapshot.board);
  };
  kept.read(endpoint.trust).then(
    (last) => {
      if (last && !snapshot.board) {
        change({ board: last.board, heardAtMs: last.heardAtMs });
        if (snapshot.client.phase === "ready") follow(last.board);
      }
    },
    () => {},
  );
  if (snapshot.client.phase === "ready") becomeReady();
  refresh();

  return {
    client,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => snapshot,
    refresh,
    noteReceived,
    close: () => {
      closed = true;
      clearTimeout(timer);
      stopWatching();
      stopPokes();
      stopChanges();
    },
  };
};

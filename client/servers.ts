import { nonceHeader } from "#protocol/proof.ts";
import type { SyncResult } from "#sync/replica.ts";

/** The servers of its trust that a device may call, the base first, and which of them it calls now. */
export interface Servers {
  /** Origin of the one that is called now. */
  url(): string;
  /**
   * How a round ended that began with this server. After two without an answer, or one that spoke for an epoch that is over, the next
   * of the list is called; true if a round with another than the one that failed is worth trying at once.
   */
  heard(result: SyncResult, url: string): boolean;
  /** A request to the one that is called now begins. If that one falls silent and the next answers, the next is called. */
  asking(): Asking;
  /** The trust names others, best first; the one that is called now stays if it is among them. */
  update(urls: readonly string[]): void;
  /** Called after each move. Returns what ends it. */
  onMove(listener: () => void): () => void;
  stop(): void;
}

export interface Asking {
  /** Ends the request once its server was left. */
  signal: AbortSignal;
  /** Something of the answer has come: a server that sends is not silent, however slowly. */
  came(): void;
  /** The answer is whole, or will not come. */
  ended(): void;
}

const failuresMax = 2;
/** While another is called, the first of the list is asked this often whether it is back, ms. */
const askFirstMs = 20_000;
/** A server of an epoch that is over does not come back: it is asked again this seldom. */
const askBehindMs = 600_000;
const askTimeoutMs = 4_000;
/** A request that waits this long may wait for a server that was cut off and sends no word of it, ms. */
const silenceMs = 4_000;

const never = new AbortController().signal;

/** One server and no other, as before a device is enrolled. */
export const onlyServer = (url: string): Servers => ({
  url: () => url,
  heard: () => false,
  asking: () => ({ signal: never, came: () => {}, ended: () => {} }),
  update: () => {},
  onMove: () => () => {},
  stop: () => {},
});

/** Whether a cell of ours answers there: a guest network's page knows no nonce. */
const answers = async (url: string): Promise<boolean> => {
  try {
    const signal = AbortSignal.timeout(askTimeoutMs);
    const response = await fetch(new URL("/identity/v1/nonce", url), {
      cache: "no-store",
      credentials: "omit",
      signal,
    });
    return response.ok && response.headers.get(nonceHeader) !== null;
  } catch {
    return false;
  }
};

/** `urls`: at least one. `ask`: whether a server answers. */
export const createServers = (urls: readonly string[], ask: typeof answers = answers): Servers => {
  let list = urls;
  let now = list[0]!;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  let asked = 0;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let leaving = new AbortController();
  /** How often in a row the first must answer before it is called again. */
  let answersNeeded = 1;
  const listeners = new Set<() => void>();

  const move = (to: string): void => {
    now = to;
    failures = 0;
    for (const listener of listeners) listener();
  };
  const askFirst = (afterMs: number, answered = 0): void => {
    clearTimeout(timer);
    if (isStopped || now === list[0]) return;
    timer = setTimeout(async () => {
      const first = list[0]!;
      const inARow = (await ask(first)) ? answered + 1 : 0;
      if (inARow >= answersNeeded && !isStopped && now !== first && first === list[0]) move(first);
      askFirst(askFirstMs, inARow);
    }, afterMs);
  };

  const next = (): string => list[(list.indexOf(now) + 1) % list.length]!;
  /** Asks both: a slow network is slow to either, and a long upload delays no short question for so long. */
  const listen = (): void => {
    clearTimeout(silence);
    const mine = setTimeout(async () => {
      const [silent, other] = [now, next()];
      const [isThere, isOtherThere] = await Promise.all([ask(silent), ask(other)]);
      // All that was waited for has ended meanwhile, or something of it came.
      if (silence !== mine) return;
      if (isThere || !isOtherThere || now !== silent || !list.includes(other)) return listen();
      silence = undefined;
      leaving.abort();
      leaving = new AbortController();
      move(other);
      // One that is slow now and then would be left and called again without an end.
      answersNeeded = 2;
      askFirst(askFirstMs);
    }, silenceMs);
    silence = mine;
  };
  const stopListening = (): void => {
    clearTimeout(silence);
    silence = undefined;
  };

  return {
    url: () => now,
    asking: () => {
      asked += 1;
      if (silence === undefined && list.length > 1) listen();
      const { signal } = leaving;
      return {
        signal,
        came: () => {
          if (silence !== undefined && signal === leaving.signal) listen();
        },
        ended: () => {
          asked -= 1;
          if (asked === 0) stopListening();
        },
      };
    },
    heard: (result, url) => {
      // It says nothing of the one that is called since.
      if (url !== now) return result === "unreachable";
      if (result === "unreachable") failures += 1;
      else failures = result === "epoch-behind" ? failuresMax : 0;
      if (failures < failuresMax || list.length < 2) return false;
      move(next());
      answersNeeded = 1;
      askFirst(result === "epoch-behind" ? askBehindMs : askFirstMs);
      // Round again to the first, nobody answers: the loop's own waits hold from here.
      return now !== list[0];
    },
    update: (urls) => {
      if (urls.length === 0 || urls.join() === list.join()) return;
      list = urls;
      if (!list.includes(now)) move(list[0]!);
      askFirst(askFirstMs);
    },
    onMove: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
      stopListening();
    },
  };
};

import { type IncomingMessage, request } from "node:http";
import { createServers, type Servers } from "#client/servers.ts";
import { enrolNodeDevice, type NodeDevice } from "#demo/node-client.ts";
import type { Author } from "#domain/entry/entry.ts";
import { nonceHeader } from "#protocol/proof.ts";
import type { CellZone } from "#server/trusts.ts";
import { createMemoryReplicaStore } from "#sync/memory-replica-store.ts";
import type { ReplicaStore } from "#sync/store.ts";
import type { Ledger } from "./ledger.ts";
import type { Ports } from "./places.ts";

/** Where a server's cells answer: the end of its host names, and its ports. */
export interface ServerPlace {
  domain: string;
  ports: Ports;
}

export interface DrillDevice {
  device: NodeDevice;
  servers: Servers;
  trust: string;
  /** Which of the servers it calls now. */
  calls(): ServerPlace;
  /** Out of coverage: nothing answers. */
  setOffline(offline: boolean): void;
  isOffline(): boolean;
  /** How often it went on to another server. */
  moves(): number;
  /** Added to the device's clock, ms. */
  setClockAhead(ms: number): void;
  /** Saves one entry, and writes it into the ledger. */
  write(recordId: string, kind: string, body: Record<string, unknown>, author: Author): Promise<void>;
  /** When the last answer named entries; undefined before the first. `performance.now()`. */
  answeredAt(): number | undefined;
  close(): void;
}

export interface DrillDeviceParts {
  trust: string;
  zone: CellZone;
  code: string;
  name: string;
  /** Those it may call, the base first. */
  places: readonly ServerPlace[];
  ledger: Ledger;
}

/** Nobody listens there. */
const nowherePort = 9;

/** A device in this process, which outlives every server: the shipped replica, and the apps' own rule of whom it calls. */
export const enrolDrillDevice = async (parts: DrillDeviceParts): Promise<DrillDevice> => {
  const { trust, zone, places, ledger } = parts;
  const hostOf = ({ domain }: ServerPlace): string => `${zone}.${trust}.${domain}`;
  const byUrl = new Map(places.map((place) => [`http://${hostOf(place)}:${place.ports[zone]}`, place]));
  let isOffline = false;
  let aheadMs = 0;
  let moves = 0;
  let answeredAt: number | undefined;
  const servers = createServers(
    [...byUrl.keys()],
    async (url) => !isOffline && answersAt(hostOf(byUrl.get(url)!), byUrl.get(url)!.ports[zone]),
  );
  servers.onMove(() => {
    moves += 1;
  });
  const now = (): ServerPlace => byUrl.get(servers.url())!;
  const inner = createMemoryReplicaStore();
  const store: ReplicaStore = {
    ...inner,
    mark: async (states) => {
      await inner.mark(states);
      answeredAt = performance.now();
      ledger.heard(states);
    },
    file: async (recordId, entries, cursor) => {
      await inner.file(recordId, entries, cursor);
      ledger.heard(new Map(entries.map(({ id, state }) => [id, state])));
    },
  };
  const device = await enrolNodeDevice({
    get host() {
      return hostOf(now());
    },
    get port() {
      return isOffline ? nowherePort : now().ports[zone];
    },
    code: parts.code,
    name: parts.name,
    store,
    clock: { nowMs: () => Date.now() + aheadMs, timeZone: () => "Europe/London" },
  });
  return {
    device,
    servers,
    trust,
    calls: now,
    setOffline: (offline) => {
      isOffline = offline;
    },
    isOffline: () => isOffline,
    moves: () => moves,
    setClockAhead: (ms) => {
      aheadMs = ms;
    },
    write: async (recordId, kind, body, author) => {
      const { id, hash } = await device.replica.write({ recordId, kind, body, author });
      const { deviceId } = device.enrolment;
      ledger.saved({ id, hash, trust, deviceId, recordId, savedAt: performance.now() });
    },
    answeredAt: () => answeredAt,
    close: () => {
      servers.stop();
      device.close();
    },
  };
};

const askMsMax = 5_000;

/** Whether a cell of ours answers there. */
const answersAt = async (host: string, port: number): Promise<boolean> => {
  const answer = await askNonce(host, port);
  return answer?.statusCode === 200 && answer.headers[nonceHeader] !== undefined;
};

/** What a zone answers to a device that only asks whether it is there; undefined for no answer. */
export const askNonce = (host: string, port: number): Promise<IncomingMessage | undefined> =>
  new Promise((resolve) => {
    const headers = { host: `${host}:${port}` };
    const asked = request({ host: "127.0.0.1", port, path: "/identity/v1/nonce", timeout: askMsMax, headers });
    asked.on("response", (answer) => {
      answer.resume();
      resolve(answer);
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(undefined));
    asked.end();
  });

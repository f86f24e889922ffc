import { inventedNurse } from "#demo/people.ts";
import type { Arrival } from "#domain/handover/arrival.ts";
import type { BodyOf } from "#domain/kinds.ts";
import { demonstrationSites } from "#server/identity/demonstration-roster.ts";
import { TransportFailure } from "#sync/ports.ts";
import type { SyncOutcome } from "#sync/replica.ts";
import { type DrillDevice, type DrillDeviceParts, enrolDrillDevice } from "./device.ts";
import { startDeviceLoop } from "./device-loop.ts";

/** A board as it stands on the screen. */
export interface ShownBoard {
  rows: ReadonlyMap<string, Arrival>;
  /** `performance.now()` of the answer. */
  at: number;
  /** Whether a standby gave it, and what it is as of. */
  standby: { asOf: string | null } | null;
}

/** A department's screen that nobody touches: shows the board, and gives each new patient a place. */
export interface Screen extends DrillDevice {
  /** The last answer, which stays until there is another; undefined before the first. */
  shown(): ShownBoard | undefined;
  /** Every answer so far. */
  boards: readonly ShownBoard[];
  hurry(): void;
  /** Gives no more places; rounds go on. */
  stopWriting(): Promise<void>;
  end(): Promise<void>;
}

const [site] = demonstrationSites;
/** In the apps a poke asks for the board again, and crews write all the time. */
const everyMs = 1_000;

export const startScreen = async (parts: Omit<DrillDeviceParts, "zone">): Promise<Screen> => {
  const at = await enrolDrillDevice({ ...parts, zone: "care" });
  const { device, servers, write } = at;
  const placed = new Set<string>();
  const boards: ShownBoard[] = [];

  let isWriting = true;
  let writing: Promise<void> = Promise.resolve();
  /** Each patient who has no place yet gets one. */
  const givePlaces = async (arrivals: readonly Arrival[]): Promise<void> => {
    for (const { recordId, place } of arrivals) {
      if (!isWriting) return;
      if (place !== null || placed.has(recordId)) continue;
      placed.add(recordId);
      const body: BodyOf<"place"> = { site: site!, place: `Bay ${placed.size}`, area: "majors" };
      await write(recordId, "place", body, inventedNurse);
    }
  };

  let called = "";
  const round = async (): Promise<SyncOutcome> => {
    called = servers.url();
    try {
      const { arrivals, server } = await device.arrivals();
      const rows = new Map(arrivals.map((row) => [row.recordId, row]));
      boards.push({ rows, at: performance.now(), standby: server.standby ?? null });
      writing = givePlaces(arrivals);
      await writing;
    } catch (error) {
      if (!(error instanceof TransportFailure)) throw error;
      return { result: error.code, pushed: 0, pulled: 0, more: false };
    }
    return device.replica.syncOnce();
  };
  const loop = startDeviceLoop(round, ({ result }) => servers.heard(result, called));
  const stopMoving = servers.onMove(() => loop.wake(true));
  const timer = setInterval(() => loop.wake(), everyMs);
  return {
    ...at,
    shown: () => boards.at(-1),
    boards,
    hurry: () => loop.wake(true),
    stopWriting: async () => {
      isWriting = false;
      await writing;
    },
    end: async () => {
      clearInterval(timer);
      stopMoving();
      await loop.stop();
      at.close();
    },
  };
};

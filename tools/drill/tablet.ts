import { nodeRandom } from "#demo/node-client.ts";
import { inventCrew } from "#demo/people.ts";
import type { BodyOf } from "#domain/kinds.ts";
import { demonstrationSites } from "#server/identity/demonstration-roster.ts";
import { type DrillDevice, type DrillDeviceParts, enrolDrillDevice } from "./device.ts";
import { startDeviceLoop } from "./device-loop.ts";

/** A crew's tablet that writes at a steady rate, whoever answers. */
export interface Tablet extends DrillDevice {
  /** Begins a new record that is announced at the department; resolves to its id once it is saved. */
  newPatient(): Promise<string>;
  /** Its clock goes ahead by so much more with each entry, until it is `upToMs` ahead. */
  letClockRun(byMs: number, upToMs: number): void;
  /** As when the network comes back. */
  hurry(): void;
  /** How long each message took until its answer was stored, ms. */
  pushes: { at: number; ms: number }[];
  /** Writes no more; rounds go on. */
  stopWriting(): Promise<void>;
  end(): Promise<void>;
}

export interface TabletParts extends Omit<DrillDeviceParts, "zone" | "name"> {
  index: number;
  /** Whether its patients are announced at the department. */
  announces: boolean;
  /** Between two entries, ms, on average. */
  everyMs: number;
}

const entriesPerRecord = 12;
const [site] = demonstrationSites;

export const startTablet = async (parts: TabletParts): Promise<Tablet> => {
  const { index, announces, everyMs } = parts;
  const callSign = `DRILL${index + 1}`;
  const author = inventCrew(callSign)[0]!;
  const at = await enrolDrillDevice({ ...parts, zone: "crew", name: `Drill tablet ${index + 1}` });
  const { device, servers, write } = at;
  let recordId = "";
  let written = 0;
  let [aheadMs, aheadByMs, aheadMaxMs] = [0, 0, 0];
  let isWriting = true;
  let timer: NodeJS.Timeout | undefined;
  const pushes: Tablet["pushes"] = [];

  let called = "";
  const round = async () => {
    const began = performance.now();
    called = servers.url();
    const outcome = await device.replica.syncOnce();
    const answered = at.answeredAt();
    if (answered !== undefined && answered > began) pushes.push({ at: began, ms: answered - began });
    return outcome;
  };
  const loop = startDeviceLoop(round, ({ result }) => servers.heard(result, called));
  const stopMoving = servers.onMove(() => loop.wake(true));

  const begin = async (isAnnounced: boolean): Promise<string> => {
    const id = nodeRandom.uuid();
    await write(id, "incident", { callSign, crew: [], demonstration: true } satisfies BodyOf<"incident">, author);
    await write(id, "observations", observations(written), author);
    if (isAnnounced) await write(id, "destination", { site } satisfies BodyOf<"destination">, author);
    return id;
  };
  const writeNext = async (): Promise<void> => {
    aheadMs = Math.min(aheadMs + aheadByMs, aheadMaxMs);
    at.setClockAhead(aheadMs);
    if (written++ % entriesPerRecord === 0) recordId = await begin(announces);
    else if (written % 3 === 0) await write(recordId, "observations", observations(written), author);
    else await write(recordId, "note", { text: `Drill, line ${written}` } satisfies BodyOf<"note">, author);
    loop.wake();
  };
  let writing: Promise<void> = Promise.resolve();
  const later = (): void => {
    if (!isWriting) return;
    timer = setTimeout(
      () => {
        writing = writeNext().then(later);
      },
      everyMs * (0.5 + nodeRandom.unit()),
    );
  };
  later();
  const stopWriting = async (): Promise<void> => {
    isWriting = false;
    clearTimeout(timer);
    await writing;
  };
  return {
    ...at,
    newPatient: async () => {
      const id = await begin(true);
      loop.wake();
      return id;
    },
    letClockRun: (byMs, upToMs) => {
      [aheadByMs, aheadMaxMs] = [byMs, upToMs];
    },
    hurry: () => loop.wake(true),
    pushes,
    stopWriting,
    end: async () => {
      await stopWriting();
      stopMoving();
      await loop.stop();
      at.close();
    },
  };
};

const observations = (turn: number): BodyOf<"observations"> => ({
  respirations: { value: String(14 + (turn % 6)), from: "hand" },
  pulse: { value: String(70 + (turn % 30)), from: "monitor" },
});

import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Letterbox } from "#server/archive/letterbox.ts";
import { letterboxClient } from "#server/archive/letterbox-client.ts";
import { screenCodes, tabletCodes } from "#server/identity/demonstration-roster.ts";
import { existingSecret } from "#server/secrets.ts";
import type { ServerPlace } from "./device.ts";
import { type SmallDisk, smallDisk } from "./full-disk.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { goFirst, type OtherCrews, startOtherCrews } from "./other-crews.ts";
import { attacked, makePlaces, other, type Places, portSettings } from "./places.ts";
import { type Running, startHoldfast } from "./processes.ts";
import { until } from "./scene.ts";
import { type Screen, startScreen } from "./screen.ts";
import { several } from "./several.ts";
import { startTablet, type Tablet } from "./tablet.ts";

export interface StageOptions {
  /** An empty folder, or one that is not there: everything happens below it. */
  folder: string;
  tablets: number;
  /** Between two entries of a tablet, ms, on average. */
  everyMs: number;
  /** Longest that anything that has to come is waited for, ms. */
  patienceMs: number;
}

/** All that takes part in the drill. Each server is a process of its own, and is filled in anew when it is started again. */
export interface Stage extends Omit<StageOptions, "tablets"> {
  /** When normal work had settled, `performance.now()`; until then, when everything had started. */
  settledAt: number;
  places: Places;
  disk: SmallDisk | undefined;
  servers: { letterbox: Running; witness: Running; base: Running; otherBase: Running; standby: Running };
  /** As whoever restores reads the archive. */
  archive: Letterbox;
  letterboxAddress: string;
  /** Of the trust that is attacked. */
  tablets: Tablet[];
  screens: Screen[];
  ledger: Ledger;
  otherCrews: OtherCrews;
  startWitness(): Promise<void>;
  /** The base with its data in that folder, at the address that devices know. */
  startBase(data: string): Promise<void>;
  /** HOLDFAST_DATA of the standby, for commands. */
  atStandby: Record<string, string>;
  close(): Promise<void>;
}

const zones = ["--zones", "crew,care,control"];
/** Room for a long day: lines are sealed and compressed. */
const diskMb = 256;

export const openStage = async (options: StageOptions): Promise<Stage> => {
  const { folder, patienceMs } = options;
  const disk = smallDisk(join(folder, "letterbox"), diskMb);
  const places = await makePlaces(folder);
  const { ports } = places;
  const ends: (() => Promise<void>)[] = [];
  const letterboxAddress = `http://127.0.0.1:${ports.letterbox}`;
  const servers = {} as Stage["servers"];
  const close = async (): Promise<void> => {
    await Promise.allSettled(ends.map((end) => end()));
    await Promise.allSettled(Object.values(servers).map((server) => server.kill()));
    disk?.remove();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const logKeys = [attacked, other].flatMap((trust) => ["--log-key", join(places.officers, `${trust}.log-key`)]);
    const startWitness = async (): Promise<void> => {
      const where = ["--data", places.witness, "--port", String(ports.witness)];
      servers.witness = await startHoldfast(["witness", ...where, ...logKeys]);
    };
    [servers.letterbox] = await Promise.all([
      startHoldfast(["letterbox", "--data", places.letterbox, "--port", String(ports.letterbox)]),
      startWitness(),
    ]);
    const witness = `${servers.witness.said.verifier}@http://127.0.0.1:${ports.witness}`;
    const everywhere = { HOLDFAST_LETTERBOX: letterboxAddress, HOLDFAST_WITNESSES: witness };
    const { crew, care, control } = ports.standby;
    const baseSettings = {
      ...everywhere,
      HOLDFAST_DEMO_PEOPLE: "1",
      HOLDFAST_STANDBY: `standby.localhost:${crew},${care},${control}`,
    };
    const startBase = async (data: string): Promise<void> => {
      const settings = { ...baseSettings, ...portSettings(ports.base), HOLDFAST_DATA: data };
      servers.base = await startHoldfast(["serve", ...zones], settings, [join(data, "postgres")]);
    };
    const startOtherBase = async (): Promise<void> => {
      const data = places.otherBase;
      const settings = { ...baseSettings, ...portSettings(ports.otherBase), HOLDFAST_DATA: data };
      servers.otherBase = await startHoldfast(["serve", ...zones], settings, [join(data, "postgres")], goFirst);
    };
    await Promise.all([startBase(places.base), startOtherBase()]);

    const ledger = createLedger();
    const archive = letterboxClient(letterboxAddress, existingSecret(join(places.letterbox, "secrets", "read")));
    const standbyPlace: ServerPlace = { domain: "standby.localhost", ports: ports.standby };
    const placesOf = (base: Places["ports"]["base"]): ServerPlace[] => [
      { domain: "localhost", ports: base },
      standbyPlace,
    ];
    const tablets = await several(options.tablets, async (index) => {
      const tablet = await startTablet({
        ...{ trust: attacked, index, ledger, places: placesOf(ports.base), everyMs: options.everyMs },
        code: tabletCodes[index % tabletCodes.length]!,
        announces: index < announcing,
      });
      ends.push(tablet.end);
      return tablet;
    });
    const otherCrews = await startOtherCrews({
      tablets: Math.max(4, Math.floor(options.tablets / 10)),
      everyMs: options.everyMs,
      places: placesOf(ports.otherBase),
    });
    ends.push(otherCrews.end);
    const screens = await several(screenCount, async (index) => {
      const [code] = [...screenCodes.keys()];
      const name = `Drill screen ${index + 1}`;
      const screen = await startScreen({
        ...{ trust: attacked, code: code!, name, ledger, places: placesOf(ports.base) },
      });
      ends.push(screen.end);
      return screen;
    });

    // It is fed from the archive, which has to know the devices first.
    await until(
      "the archive has people and devices",
      async () => (await archive.end(attacked, "control")).last > 0 && (await archive.end(other, "control")).last > 0,
      patienceMs,
    );
    const atStandby = { ...everywhere, HOLDFAST_DATA: places.standby };
    const database = [join(places.standby, "postgres")];
    servers.standby = await startHoldfast(["standby"], { ...atStandby, ...portSettings(ports.standby) }, database);
    return {
      ...options,
      settledAt: performance.now(),
      ...{ places, disk, servers, archive, letterboxAddress, tablets, screens, otherCrews, ledger },
      ...{ startWitness, startBase, atStandby, close },
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** So many crews announce their patients: a board of a real department's size, however many tablets there are. */
const announcing = 12;
const screenCount = 3;

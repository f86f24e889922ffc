import { tabletCodes } from "#server/identity/demonstration-roster.ts";
import { trusts } from "#server/trusts.ts";
import type { Clock } from "#sync/ports.ts";
import { createDemoCrew, type DemoCrew } from "./crew.ts";
import { closeCalls, createDemoDesk, type DemoDesk } from "./desk.ts";
import { enrolNodeDevice, type NodeDevice, type NodeDeviceOptions } from "./node-client.ts";
import type { NodeEndpoint } from "./node-http.ts";
import { pick, seededRandom } from "./random.ts";
import { type RosteredCrew, roster, stories } from "./roster.ts";
import type { Site } from "./story.ts";

/** A zone of a cell, and the demonstration's code that enrols a device there. */
export type EnrolAt = NodeEndpoint & { code: string };

export interface DemonstrationCell {
  trust: string;
  crew: EnrolAt;
  /** A screen of the site that the crews drive to. */
  care: EnrolAt;
}

/** Where the demonstration enrols on the machine it runs on, with the codes that its server prints. */
export const demonstrationCells = (ports: { crew: number; care: number }): DemonstrationCell[] =>
  trusts.map(({ trust }) => ({
    trust,
    crew: { host: `crew.${trust}.localhost`, port: ports.crew, code: tabletCodes.at(-1)! },
    care: { host: `care.${trust}.localhost`, port: ports.care, code: "DEMO-SCREEN-SOUTHGATE" },
  }));

export interface DemonstrationOptions {
  cells: readonly DemonstrationCell[];
  clock?: Clock;
  /** The same seed invents the same people and delays. */
  seed?: number;
  /** One line, never about a patient. */
  log?: (line: string) => void;
  /** Length of a story's minute, ms; shorter tells the stories faster. */
  minuteMs?: number;
  /** How often crews look at the clock, ms. */
  tickMs?: number;
}

const southgate = "southgate";
/** About two days; then the crews go home, and the log stops growing. */
const callsMaxPerCrew = 30;

const siteOf = (device: NodeDevice): Site => {
  const { site, sites } = device.enrolment;
  const found = site ?? sites.find((candidate) => candidate.siteId.includes(southgate)) ?? sites[0];
  if (!found) throw new Error("The trust has no hospital to drive to.");
  return found;
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "unknown error");

interface Cell {
  crews: { rostered: RosteredCrew; crew: DemoCrew | null }[];
  desk: DemoDesk | null;
  options: DemonstrationCell;
}

/**
 * Starts the demonstration shift and returns at once; it enrols its devices as soon as the zones answer and goes on trying.
 * `stop` ends it after the step it is in.
 */
export const startDemonstration = (options: DemonstrationOptions): { stop(): Promise<void> } => {
  const clock = options.clock ?? { nowMs: () => Date.now(), timeZone: () => "Europe/London" };
  const random = seededRandom(options.seed ?? clock.nowMs());
  const log = options.log ?? (() => {});
  const minuteMs = options.minuteMs ?? 60_000;
  const devices: NodeDevice[] = [];
  let serial = Math.floor(random() * 100_000);
  let stopped = false;

  const enrol = async (at: EnrolAt, name: string) => {
    const device = await enrolNodeDevice({ ...at, name, clock } satisfies NodeDeviceOptions);
    devices.push(device);
    return device;
  };

  const startCrew = async (cell: Cell, rostered: RosteredCrew): Promise<DemoCrew> => {
    const device = await enrol(cell.options.crew, `Demonstration ${rostered.callSign}`);
    return createDemoCrew({
      rostered,
      device,
      site: siteOf(device),
      clock,
      random,
      minuteMs,
      nextStory: () => pick(stories, random),
      nextSerial: () => serial++,
      callsMax: callsMaxPerCrew,
    });
  };

  const tickCell = async (cell: Cell) => {
    if (!cell.desk) {
      const device = await enrol(cell.options.care, "Demonstration desk");
      const desk = createDemoDesk(device, siteOf(device));
      const left = await desk.earlierShift();
      if (left.length > 0) {
        await closeCalls(await enrol(cell.options.crew, "Demonstration clean-up"), left);
        log(`demonstration: ended ${left.length} calls of an earlier shift at ${cell.options.trust}`);
      }
      cell.desk = desk;
    }
    for (const place of cell.crews) {
      if (stopped) return;
      try {
        place.crew ??= await startCrew(cell, place.rostered);
        await place.crew.tick();
      } catch (error) {
        // One crew's trouble delays no other's.
        log(`demonstration: ${place.rostered.callSign} waits (${nameOf(error)})`);
      }
    }
    await cell.desk.assign(
      cell.crews.flatMap(({ crew }) => {
        const call = crew?.current();
        return call?.story.place ? [{ recordId: call.recordId, place: call.story.place }] : [];
      }),
    );
  };

  const cells = options.cells.map(
    (cell): Cell => ({
      options: cell,
      desk: null,
      crews: roster.filter((rostered) => rostered.trust === cell.trust).map((rostered) => ({ rostered, crew: null })),
    }),
  );
  const tick = () =>
    Promise.all(
      cells.map((cell) =>
        tickCell(cell).catch((error: unknown) => {
          // The cell may be starting, busy or gone; the crews go on at the next tick, as tablets do.
          log(`demonstration: ${cell.options.trust} waits (${nameOf(error)})`);
        }),
      ),
    );

  let running = Promise.resolve<unknown>(undefined);
  let timer: NodeJS.Timeout | undefined;
  const loop = () => {
    running = tick().then(() => {
      if (!stopped) timer = setTimeout(loop, options.tickMs ?? 5_000);
    });
  };
  loop();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
      for (const device of devices) device.close();
    },
  };
};

import { abdominalPain, overdose } from "./scenarios/belly-and-mind.ts";
import { chestInfection, childWithFever, copd, stroke } from "./scenarios/breath-and-brain.ts";
import { collapse, inferiorStemi, rosc } from "./scenarios/heart.ts";
import { hipFall, laceration, ladderFall } from "./scenarios/injury.ts";
import type { Story } from "./story.ts";

/** Every story once; a crew that is free again takes the next of them. */
export const stories: readonly Story[] = [
  inferiorStemi,
  hipFall,
  rosc,
  abdominalPain,
  stroke,
  laceration,
  copd,
  collapse,
  childWithFever,
  ladderFall,
  overdose,
  chestInfection,
];

export interface RosteredCrew {
  trust: "northmoor" | "westvale";
  callSign: string;
  vehicle: string;
  first: Story;
  /** Age of the first call when the shift starts, minutes: it sets the ETA, or how long they have waited. */
  callMinutesAgo: number;
}

const coming = (trust: RosteredCrew["trust"], callSign: string, first: Story, etaMinutes: number): RosteredCrew => ({
  trust,
  callSign,
  vehicle: `Demo ambulance ${callSign.slice(1)}`,
  first,
  callMinutesAgo: first.atHospital - etaMinutes,
});
const here = (trust: RosteredCrew["trust"], callSign: string, first: Story, waitedMinutes: number): RosteredCrew =>
  coming(trust, callSign, first, -waitedMinutes);

/** Nine on their way, three of them announced, and three waiting at the door: the board is alive from its first minute. */
export const roster: readonly RosteredCrew[] = [
  coming("northmoor", "M302", inferiorStemi, 6),
  coming("northmoor", "M114", rosc, 9),
  coming("westvale", "W220", stroke, 12),
  coming("northmoor", "M331", hipFall, 15),
  coming("northmoor", "M118", copd, 17),
  coming("westvale", "W207", childWithFever, 21),
  coming("northmoor", "M305", overdose, 24),
  coming("northmoor", "M120", abdominalPain, 30),
  coming("westvale", "W231", laceration, 38),
  here("northmoor", "M310", chestInfection, 47),
  here("westvale", "W215", collapse, 18),
  here("northmoor", "M127", ladderFall, 4),
];

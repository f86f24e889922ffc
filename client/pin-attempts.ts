/**
 * Wrong PINs in a row on one tablet and when the next may be tried, device clock. Stored, so that a reload does not reset it.
 * The delay is the person's own: one who mistypes does not keep a crewmate out. Past many wrong PINs of anybody the whole
 * tablet waits, because a thief tries one name after another.
 */
export interface PinAttempts {
  people: Record<string, PersonAttempts>;
  tablet: Delay;
}
interface Delay {
  wrong: number;
  notBeforeMs: number;
}
interface PersonAttempts extends Delay {
  /** When this person's unlock key was destroyed here, device clock; a later contact with the base brings it again. */
  destroyedAtMs?: number;
}

/** As many wrong PINs, and what opens the tablet for that person is destroyed on it. */
const wrongPinsMax = 10;
const personFreeMax = 5;
const tabletFreeMax = 15;
const delayMs = { first: 30_000, max: 900_000 };

const afterOneMore = ({ wrong, notBeforeMs }: Delay, freeMax: number, nowMs: number): Delay => {
  const more = wrong + 1;
  if (more < freeMax) return { wrong: more, notBeforeMs };
  return { wrong: more, notBeforeMs: nowMs + Math.min(delayMs.max, delayMs.first * 2 ** (more - freeMax)) };
};

const none: Delay = { wrong: 0, notBeforeMs: 0 };
export const noAttempts: PinAttempts = { people: {}, tablet: none };

/** From the fifth wrong PIN on there is a wait, 30 s and doubling, 15 min at most: a crew mistypes, a thief searches. */
export const afterWrongPin = (attempts: PinAttempts, userId: string, nowMs: number): PinAttempts => {
  const person = afterOneMore(attempts.people[userId] ?? none, personFreeMax, nowMs);
  const isLast = person.wrong >= wrongPinsMax;
  return {
    people: { ...attempts.people, [userId]: { ...person, ...(isLast && { destroyedAtMs: nowMs }) } },
    tablet: afterOneMore(attempts.tablet, tabletFreeMax, nowMs),
  };
};

/** A right PIN forgives the person's wrong ones, and the tablet's. */
export const afterRightPin = ({ people }: PinAttempts, userId: string): PinAttempts => {
  const { [userId]: _forgiven, ...others } = people;
  return { people: others, tablet: none };
};

/** How long to wait, ms. A clock that was set back never makes the wait longer than the longest. */
export const pinWaitMs = (attempts: PinAttempts, userId: string, nowMs: number): number => {
  const notBeforeMs = Math.max(attempts.people[userId]?.notBeforeMs ?? 0, attempts.tablet.notBeforeMs);
  return Math.min(delayMs.max, Math.max(0, notBeforeMs - nowMs));
};

/** Wrong PINs that this person's unlock key still survives, the last one not counted. */
export const triesLeft = (attempts: PinAttempts, userId: string): number =>
  Math.max(0, wrongPinsMax - (attempts.people[userId]?.wrong ?? 0));

/** Whom the tablet does not let in by PIN until the base has been heard. */
export const isDestroyed = (attempts: PinAttempts, userId: string): boolean =>
  attempts.people[userId]?.destroyedAtMs !== undefined;

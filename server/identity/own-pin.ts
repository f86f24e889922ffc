import { randomBytes } from "node:crypto";
import { crewRoles } from "#defence/access/words.ts";
import type { PinNew } from "#protocol/sign-in.ts";
import { ProblemError } from "../http/problem-error.ts";
import { type ControlChange, type ControlLog, StaleSubject } from "../logs/control-log.ts";
import type { KnownPerson } from "./people.ts";
import { keysOfPin } from "./pin-keys.ts";
import type { PinSubject } from "./subjects.ts";

/** Some tenths of a second on a tablet. */
const rounds = 600_000;

/** Those that people choose most, beside digits in a row and repetitions, which are found by rule. */
const common = new Set([
  "1004",
  "1122",
  "1313",
  "1342",
  "1478",
  "1590",
  "2580",
  "5683",
  "6969",
  "7410",
  "0852",
  "147258",
]);

/** One digit, one step up or down from each to the next, or a half that is said twice: 0000, 4321, 1212. */
export const isCommonPin = (pin: string): boolean => {
  const steps = [...pin].slice(1).map((digit, at) => (Number(digit) - Number(pin[at]) + 10) % 10);
  const half = pin.slice(0, pin.length / 2);
  return common.has(pin) || (new Set(steps).size === 1 && [0, 1, 9].includes(steps[0]!)) || half + half === pin;
};

/** Rejects with a 400 `pins-differ` or `common-pin`. */
export const checkPin = ({ pin, again }: PinNew): void => {
  if (pin !== again)
    throw new ProblemError(400, "pins-differ", "The two PINs are not the same.", "Type the same one twice.");
  if (isCommonPin(pin))
    throw new ProblemError(
      400,
      "common-pin",
      "This PIN is one of the first that somebody would try.",
      "Choose another; six digits or more are harder to find.",
    );
};

/**
 * Writes the person's PIN, and `use` with it. PBKDF2 is done here, where a common PIN can be refused; the PIN itself goes into no log.
 * Rejects with a 403 `no-tablets` for who works with none, and with StaleSubject.
 */
export const setPin = async (
  log: ControlLog,
  { userId, siteId, roles }: KnownPerson,
  pin: string,
  deviceId: string,
  use: readonly ControlChange[],
): Promise<void> => {
  if (siteId !== undefined || !roles.some((role) => crewRoles.has(role)))
    throw new ProblemError(
      403,
      "no-tablets",
      "A PIN is for the trust's own crews, on their tablets.",
      "Sign in with a passkey or the provider.",
    );
  const held = await log.find("pin", userId);
  const salt = randomBytes(16).toString("base64url");
  const state: PinSubject = { salt, rounds, ...(await keysOfPin(pin, salt, rounds)) };
  const by = { userId, deviceId };
  await log.append([{ kind: "pin", id: userId, state, by, expected: held?.position ?? 0 }, ...use]);
};

export const setMeanwhile = (error: unknown): never => {
  if (!(error instanceof StaleSubject)) throw error;
  throw new ProblemError(
    409,
    "changed-meanwhile",
    "A PIN was set for this person a moment ago.",
    "Try that one; if it was not you, ask the desk for a new code.",
  );
};

import type { ClientSnapshot } from "#client/client.ts";
import { exactTimeSeenFrom, plainDate } from "#ui/times.ts";

export interface Service {
  level: "normal" | "standby" | "cut" | "refused";
  words: string;
}

/** The level of service in plain words. What a crew can do never depends on it: only where their entries are does. */
export const serviceOf = (
  { phase, link, standby }: Pick<ClientSnapshot, "phase" | "link" | "standby">,
  nowMs: number,
): Service => {
  if (phase === "new") return { level: "normal", words: "Not enrolled yet" };
  const server = standby === null ? "base" : "standby";
  switch (link) {
    case "online":
      if (standby !== null)
        return {
          level: "standby",
          words: `The base does not answer. The standby does: it shows ${shownBy(standby, nowMs)}, and keeps what you write until the base has it.`,
        };
      return { level: "normal", words: "Connected to the base" };
    case "unknown":
      return { level: "normal", words: "Looking for the base. Everything is saved on this tablet." };
    case "busy":
      return {
        level: "cut",
        words: `The ${server} is busy. Carry on: all is saved here, and sent when it has room.`,
      };
    case "unreachable":
      return {
        level: "cut",
        words: "No connection to the base. Carry on: all is saved here, and sent later.",
      };
    case "refused":
      return {
        level: "refused",
        words: `The ${server} refuses this tablet. Carry on: all is saved here. Tell the trust's desk.`,
      };
  }
};

const shownBy = ({ asOf }: { asOf: string | null }, nowMs: number): string =>
  asOf === null ? "nothing of the base's" : `what the base had at ${exactTimeSeenFrom(asOf, nowMs)}`;

/** So long a crew may be without a network. */
const offlineDays = 14;

/** What keeps a tablet from being ready for a day without a network. */
export const lackingOf = ({
  link,
  persisted,
  lastContactMs,
  signInUntilMs,
}: Pick<ClientSnapshot, "link" | "persisted" | "lastContactMs" | "signInUntilMs">): string[] => {
  const lacking: string[] = [];
  if (link !== "online" && lastContactMs === null)
    lacking.push("The base has not answered since this tablet was started.");
  if (signInUntilMs !== null && signInUntilMs < Date.now() + offlineDays * 86_400_000)
    lacking.push(
      `Signing in without the base ends on ${plainDate(new Date(signInUntilMs).toISOString().slice(0, 10))}.`,
    );
  if (persisted !== true)
    lacking.push("The browser may clear its store when the disk is full. Install the app to keep it.");
  return lacking;
};

import type { Arrival } from "#domain/handover/arrival.ts";
import type { BodyOf } from "#domain/kinds.ts";
import { type NodeDevice, syncAll } from "./node-client.ts";
import { inventCrew, inventedNurse, isOfShift } from "./people.ts";
import type { Site } from "./story.ts";

/** The demonstration's screen at one trust, a wall board that names nobody: says where a patient will go. */
export interface DemoDesk {
  /** Assigns the place that the story has to each announced patient who has none; what a person assigned stays. */
  assign(wanted: readonly { recordId: string; place: Omit<BodyOf<"place">, "site"> }[]): Promise<void>;
  /** What an earlier shift left on the board; records that a person made are not among them. */
  earlierShift(): Promise<Arrival[]>;
}

const onTheWay = (row: Arrival) => row.state === "pre-alerted" || row.state === "coming";

export const createDemoDesk = (device: NodeDevice, site: Site): DemoDesk => {
  const { replica } = device;
  /** Records whose place is assigned, by the desk or by a person. */
  const settled = new Set<string>();
  const write = (recordId: string, kind: string, body: Record<string, unknown>) =>
    replica.write({ recordId, kind, body, author: inventedNurse });

  return {
    assign: async (wanted) => {
      const open = wanted.filter(({ recordId }) => !settled.has(recordId));
      // Without this the board would be read, and its reading logged, at every tick.
      if (open.length === 0) return;
      const rows = new Map((await device.arrivals()).arrivals.map((row) => [row.recordId, row]));
      for (const { recordId, place } of open) {
        const row = rows.get(recordId);
        if (!row) continue;
        if (row.place === null) await write(recordId, "place", { site, ...place } satisfies BodyOf<"place">);
        settled.add(recordId);
      }
      await syncAll(replica);
    },

    earlierShift: async () =>
      (await device.arrivals()).arrivals.filter(
        (row) => isOfShift(row.recordId) && (onTheWay(row) || row.state === "arrived"),
      ),
  };
};

/**
 * Ends what an earlier shift left on the board, so that shifts do not pile up: who was on the way is stood down, who waited
 * is handed over. The entries are a crew's, because a hospital's screen may not write them.
 */
export const closeCalls = async (device: NodeDevice, left: readonly Arrival[]): Promise<void> => {
  const author = inventCrew("clean-up")[0]!;
  for (const row of left) {
    const write = (kind: string, body: Record<string, unknown>) =>
      device.replica.write({ recordId: row.recordId, kind, body, author });
    if (onTheWay(row)) {
      await write("destination", { outcome: "stood-down", why: "The demonstration began again" });
      await write("milestone", { milestone: "stood-down" });
    } else {
      await write("handover", { receiverName: inventedNurse.name, receiverRole: inventedNurse.role });
      await write("milestone", { milestone: "handed-over" });
    }
  }
  await syncAll(device.replica);
};

import type { PokeBus } from "../live/poke-bus.ts";
import type { ControlLog } from "../logs/control-log.ts";
import { recordSubject } from "./subjects.ts";

/** The records that ask nearly everybody for a reason: of staff, of people in the public eye. Few, so all are held in memory. */
export interface RestrictedRecords {
  has(recordId: string): boolean;
}

export const openRestrictedRecords = async (log: ControlLog, bus: PokeBus): Promise<RestrictedRecords> => {
  const restricted = new Set<string>();
  const note = (id: string, state: Record<string, unknown>): void => {
    if (recordSubject.parse(state).restricted === undefined) restricted.delete(id);
    else restricted.add(id);
  };
  const load = async (): Promise<void> => {
    for (const { id, state } of await log.all("record")) note(id, state);
  };
  bus.on("subject", (kind, id) => {
    if (kind !== "record") return;
    // Asks nobody too little: until the mark has been read, the record counts as restricted.
    restricted.add(id);
    log.find("record", id).then(
      (subject) => subject && note(id, subject.state),
      () => {},
    );
  });
  bus.on("found", () => void load().catch(() => {}));
  await load();
  return { has: (recordId) => restricted.has(recordId) };
};

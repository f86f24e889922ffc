import type { PokeBus } from "../live/poke-bus.ts";
import type { ControlLog, Subject } from "../logs/control-log.ts";
import { type ConnectionSubject, connectionSubject } from "./subjects.ts";

export interface KnownConnection extends ConnectionSubject {
  connectionId: string;
  /** Position of its last control line: a token of an earlier one reads no more. */
  version: number;
}

/** The other systems that read FHIR. A trust has a few, so all are held in memory. */
export interface Connections {
  /** Undefined for one that is not there, has ended, or waits for a second person. */
  active(connectionId: string): KnownConnection | undefined;
}

export const openConnections = async (log: ControlLog, bus: PokeBus): Promise<Connections> => {
  const held = new Map<string, KnownConnection>();
  const note = ({ id: connectionId, position: version, state }: Subject): void =>
    void held.set(connectionId, { ...connectionSubject.parse(state), connectionId, version });
  const load = async (): Promise<void> => {
    const all = await log.all("connection");
    held.clear();
    for (const subject of all) note(subject);
  };
  bus.on("subject", (kind, id) => {
    if (kind !== "connection") return;
    // Until its change has been read it reads nothing.
    held.delete(id);
    log.find("connection", id).then(
      (subject) => subject && note(subject),
      () => {},
    );
  });
  bus.on("found", () => void load().catch(() => {}));
  await load();
  return {
    active: (connectionId) => {
      const known = held.get(connectionId);
      return known === undefined || known.waits !== undefined || hasEnded(known, Date.now()) ? undefined : known;
    },
  };
};

export const hasEnded = ({ endsAt }: Pick<ConnectionSubject, "endsAt">, nowMs: number): boolean =>
  endsAt !== undefined && Date.parse(endsAt) <= nowMs;

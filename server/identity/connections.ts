import type { PokeBus } from "../live/poke-bus.ts";
import type { ControlLog } from "../logs/control-log.ts";
import { type ConnectionSubject, connectionSubject } from "./subjects.ts";

export interface KnownConnection extends ConnectionSubject {
  connectionId: string;
}

/** The other systems that read FHIR. A trust has a few, so all are held in memory. */
export interface Connections {
  /** Undefined for one that is not there, or has ended. */
  active(connectionId: string): KnownConnection | undefined;
}

export const openConnections = async (log: ControlLog, bus: PokeBus): Promise<Connections> => {
  const held = new Map<string, KnownConnection>();
  const note = (connectionId: string, state: Record<string, unknown>): void =>
    void held.set(connectionId, { ...connectionSubject.parse(state), connectionId });
  const load = async (): Promise<void> => {
    const all = await log.all("connection");
    held.clear();
    for (const { id, state } of all) note(id, state);
  };
  bus.on("subject", (kind, id) => {
    if (kind !== "connection") return;
    // Until its change has been read it reads nothing.
    held.delete(id);
    log.find("connection", id).then(
      (subject) => subject && note(id, subject.state),
      () => {},
    );
  });
  bus.on("found", () => void load().catch(() => {}));
  await load();
  return {
    active: (connectionId) => {
      const known = held.get(connectionId);
      return known === undefined || hasEnded(known, Date.now()) ? undefined : known;
    },
  };
};

export const hasEnded = ({ endsAt }: Pick<ConnectionSubject, "endsAt">, nowMs: number): boolean =>
  endsAt !== undefined && Date.parse(endsAt) <= nowMs;

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

export const openConnections = async (log: Pick<ControlLog, "find" | "all">, bus: PokeBus): Promise<Connections> => {
  const held = new Map<string, KnownConnection>();
  let readings = 0;
  /** By connection, the last reading that counted: what was asked for before it may be of an earlier state, however late it comes. */
  const counted = new Map<string, number>();
  const take = (id: string, reading: number, subject: Subject | undefined): void => {
    if (reading < (counted.get(id) ?? 0)) return;
    counted.set(id, reading);
    if (subject === undefined) held.delete(id);
    else held.set(id, { ...connectionSubject.parse(subject.state), connectionId: id, version: subject.position });
  };
  const load = async (): Promise<void> => {
    const reading = ++readings;
    const all = new Map((await log.all("connection")).map((subject) => [subject.id, subject]));
    for (const id of new Set([...held.keys(), ...all.keys()])) take(id, reading, all.get(id));
  };
  bus.on("subject", (kind, id) => {
    if (kind !== "connection") return;
    const reading = ++readings;
    // Until its change has been read it reads nothing.
    take(id, reading, undefined);
    log.find("connection", id).then(
      (subject) => take(id, reading, subject),
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

import type { HistoryLine } from "#protocol/control/page.ts";
import type { Actor, ControlLine, ControlLog, SubjectKind } from "../../logs/control-log.ts";

/** Fields whose content is a secret, or says nothing to a person: told as "set" or "changed". */
const untold = new Set(["pin", "publicKey", "provider", "code", "keys", "clientSecret"]);

const told = (field: string, value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined;
  if (untold.has(field)) return "set";
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
};

const fieldsOf = (before: Record<string, unknown>, after: Record<string, unknown>): HistoryLine["fields"] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => {
      const was = told(field, before[field]);
      const is = told(field, after[field]);
      return { field, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) };
    });

export interface Names {
  person(userId: string): string;
  device(deviceId: string): string;
}

/** The names that the trust knows its people, devices and connections by; an id that it does not know stands for itself. */
export const namesOf = async (log: ControlLog): Promise<Names> => {
  const [people, ...machines] = await Promise.all([log.all("person"), log.all("device"), log.all("connection")]);
  const person = new Map(people.map(({ id, state }) => [id, String(state.name)]));
  const device = new Map(machines.flat().map(({ id, state }) => [id, String(state.name)]));
  return {
    person: (userId) => person.get(userId) ?? userId,
    device: (deviceId) => device.get(deviceId) ?? deviceId,
  };
};

/** Who changed something, in words. */
export const actorName = (names: Names, { userId, deviceId }: Actor): string => {
  if (userId !== undefined) return names.person(userId);
  return deviceId === undefined ? "the server, as it was set up" : `the device ${names.device(deviceId)}`;
};

/** A subject's history in plain words, newest first; empty for one that is not there. */
export const historyOf = async (log: ControlLog, kind: SubjectKind, id: string): Promise<HistoryLine[]> => {
  const [lines, names] = await Promise.all([log.history(kind, id), namesOf(log)]);
  const words = (line: ControlLine, before: ControlLine | undefined): HistoryLine => ({
    position: line.position,
    changed: line.changed.toISOString(),
    by: actorName(names, line.by),
    ...(line.reason !== undefined && { reason: line.reason }),
    fields: fieldsOf(before?.state ?? {}, line.state),
  });
  return lines.map((line, i) => words(line, lines[i - 1])).reverse();
};

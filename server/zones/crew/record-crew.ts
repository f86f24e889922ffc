import type { Entry } from "#domain/entry/entry.ts";

/** A tablet that got the record from the base, for the person who was signed in on it: both as the base proved them. */
export interface ReadAt {
  deviceId: string;
  userId: string;
}

export interface RecordCrew {
  devices: ReadonlySet<string>;
  /** User ids, of those too whom the crew named. */
  people: ReadonlySet<string>;
}

/**
 * Whose record it is: the tablet that began it, the people who wrote on it or are named there as crew, each tablet on which one
 * of those people read it, and so on. An entry of any other tablet names nobody: who writes into a stranger's record says only
 * by themselves that they belong to it.
 */
export const crewOfRecord = (
  begunOn: string | undefined,
  entries: readonly Pick<Entry, "deviceId" | "author" | "body">[],
  reads: readonly ReadAt[],
): RecordCrew => {
  const devices = new Set<string>();
  const people = new Set<string>();
  let joining = begunOn === undefined ? [] : [begunOn];
  while (joining.length > 0) {
    for (const deviceId of joining) devices.add(deviceId);
    for (const entry of entries)
      if (devices.has(entry.deviceId)) for (const userId of namedIn(entry)) people.add(userId);
    joining = reads.flatMap(({ deviceId, userId }) => (people.has(userId) && !devices.has(deviceId) ? [deviceId] : []));
  }
  return { devices, people };
};

/** Who wrote this entry, and whom it names as one of the crew. Its body may be anything. */
const namedIn = ({ author, body }: Pick<Entry, "author" | "body">): string[] => {
  const { crew } = body as { crew?: unknown };
  const members = Array.isArray(crew) ? crew.map((member) => (member as { userId?: unknown } | null)?.userId) : [];
  return [author.userId, ...members.filter((userId) => typeof userId === "string")];
};

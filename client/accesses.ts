import type { Author } from "#domain/entry/entry.ts";
import { accessesResponse, type DeviceAccess } from "#protocol/accesses.ts";
import { limits } from "#protocol/limits.ts";
import { protocolVersion } from "#protocol/version.ts";
import type { Database, Sealed } from "./database.ts";
import { browserRandom } from "./ports.ts";
import { sealText, unsealText } from "./sealing.ts";
import { type Endpoint, postJson } from "./transport.ts";

const row = "access ";

/**
 * A record that is opened here was read, whether or not a server saw it, and who looked somebody up without an answer went without:
 * each is kept sealed, and told to the base until that has it.
 */
export interface Accesses {
  /** Resolves once it is on this device's disk. `reason`: of a record that was opened past the usual rules. */
  opened(recordId: string, by: Author | null, reason?: string): Promise<void>;
  /** The same of a look-up that no server answered. Neither it nor what becomes of it says whom it was for. */
  unanswered(lookUp: UnansweredLookUp): Promise<void>;
  /** Tells the base what waits, and forgets what it has. Rejects with a TransportFailure; the rest is kept. */
  tell(): Promise<void>;
}

export interface UnansweredLookUp {
  way: "nhs-number" | "name-and-birth-date";
  by: Author | null;
  /** The record that was open; undefined for none. */
  about: string | undefined;
}

export const createAccesses = (database: Database, dataKey: CryptoKey, endpoint: Endpoint): Accesses => {
  const waiting = async (): Promise<DeviceAccess[]> => {
    const rows = await database.run((tables) =>
      tables.things.where(":id").startsWith(row).limit(limits.accessesMax).toArray(),
    );
    // One that does not open any more holds up no other.
    const texts = rows.map(({ name, value }) => unsealText(dataKey, name, value as Sealed).catch(() => undefined));
    return (await Promise.all(texts)).flatMap((text) => (text === undefined ? [] : (JSON.parse(text) as DeviceAccess)));
  };
  const keep = async (by: Author | null, what: Pick<DeviceAccess, "recordId" | "unanswered" | "reason">) => {
    const id = browserRandom.uuid();
    const access: DeviceAccess = { id, at: new Date().toISOString(), ...(by && { person: by }), ...what };
    await database.set(row + id, await sealText(dataKey, row + id, JSON.stringify(access)));
  };
  return {
    opened: (recordId, by, reason) => keep(by, { recordId, ...(reason !== undefined && { reason }) }),
    unanswered: ({ way, by, about }) => keep(by, { unanswered: way, ...(about !== undefined && { recordId: about }) }),
    async tell() {
      for (let accesses = await waiting(); accesses.length > 0; accesses = await waiting()) {
        const request = { protocol: protocolVersion, accesses };
        const { stored } = await postJson(endpoint, "/sync/v1/accesses", request, accessesResponse);
        const told = accesses.filter(({ id }) => stored.includes(id)).map(({ id }) => row + id);
        await database.write(["things"], (tables) => tables.things.bulkDelete(told));
        // A base that takes none of them must not hold us here.
        if (told.length === 0) return;
      }
    },
  };
};

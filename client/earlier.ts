import type { Author, Entry } from "#domain/entry/entry.ts";
import { type FindBy, type FindResponse, findResponse, wayOf } from "#protocol/find.ts";
import { type PulledLine, pullResponse } from "#protocol/pull.ts";
import { reasonHeader } from "#protocol/reason.ts";
import type { Cursor, ServerState } from "#protocol/server-state.ts";
import { protocolVersion } from "#protocol/version.ts";
import { readEntry } from "#sync/envelope.ts";
import { heldFrom } from "#sync/held-from.ts";
import { TransportFailure } from "#sync/ports.ts";
import type { ReplicaStore } from "#sync/store.ts";
import type { UnansweredLookUp } from "./accesses.ts";
import { sha256Hex } from "./bytes.ts";
import type { Database, Sealed } from "./database.ts";
import { hashText } from "./ports.ts";
import { sealText, unsealText } from "./sealing.ts";
import { call, type Endpoint, postJson } from "./transport.ts";

const row = "earlier ";
/** So long what was opened for a reason is kept, hours: the longest shift with its overrun. */
export const keptHoursMax = 15;
const sweepEveryMs = 60_000;
/** Of no record that one patient's contact makes. */
const pagesMax = 100;

/** A record of another crew or site as somebody opened it here for a reason. It never enters the replica, so sync leaves it alone. */
export interface EarlierRecord {
  recordId: string;
  /** Who opened it, and why: nobody else reads this copy. */
  openedBy: string;
  reason: string;
  openedAtMs: number;
  /** It was the opener's own after all, and no glass was broken. */
  yours: boolean;
  server: Pick<ServerState, "epoch" | "incarnation" | "time">;
  cursor: Cursor;
  lines: PulledLine[];
}

/** Who opens what, and in which words; `yours` as the look-up said. */
export type Opening = Pick<EarlierRecord, "recordId" | "openedBy" | "reason" | "yours">;

/** Who looks up, and in which record they were. */
export interface Asker {
  by: Author | null;
  about?: string | undefined;
}

/** Look-ups and openings past the usual rules, each with its reason. What needs the base rejects with a TransportFailure in plain words. */
export interface EarlierRecords {
  find(by: FindBy, reason: string, asker: Asker): Promise<FindResponse>;
  /** The whole record from the base, checked entry by entry. Nothing is kept. */
  open(opening: Opening): Promise<EarlierRecord>;
  /** An attachment from the base, checked against its hash; undefined when it is not to be had now. Not kept. */
  blob(recordId: string, sha256: string, reason: string): Promise<Uint8Array | undefined>;
  /** Keeps it sealed on this device. */
  keep(record: EarlierRecord): Promise<void>;
  /** What this person opened here, newest first. What is over is forgotten, whoever opened it. */
  kept(openedBy: string): Promise<EarlierRecord[]>;
  /** Forgets what is over, now and every minute until it is stopped: whether or not anybody looks at it. */
  sweeping(): () => void;
  /** Forgets what anybody opened here. */
  drop(): Promise<void>;
  /** The record becomes one of this device's own, which it goes on with; the next entry that is written tells the base. */
  join(record: EarlierRecord): Promise<void>;
}

export interface EarlierParts {
  database: Database;
  dataKey: CryptoKey;
  endpoint: Endpoint;
  store: ReplicaStore;
  deviceId: string;
  /** No server answered a look-up. What it rejects with is not the caller's to see. */
  onUnanswered(lookUp: UnansweredLookUp): Promise<void>;
}

export const createEarlier = ({
  database,
  dataKey,
  endpoint,
  store,
  deviceId,
  onUnanswered,
}: EarlierParts): EarlierRecords => {
  const because = (reason: string) => ({ [reasonHeader]: encodeURIComponent(reason) });
  const nameOf = ({ recordId, openedBy }: Pick<EarlierRecord, "recordId" | "openedBy">) =>
    `${row}${recordId} ${openedBy}`;
  const rowsOf = () => database.run((tables) => tables.things.where(":id").startsWith(row).toArray());
  const forget = (names: string[]) => database.write(["things"], (tables) => tables.things.bulkDelete(names));

  /** What is not over; the rest, and what does not open, is forgotten. */
  const standing = async (): Promise<EarlierRecord[]> => {
    const found: EarlierRecord[] = [];
    const over: string[] = [];
    for (const { name, value } of await rowsOf()) {
      const text = await unsealText(dataKey, name, value as Sealed).catch(() => undefined);
      const record = text === undefined ? undefined : (JSON.parse(text) as EarlierRecord);
      if (record === undefined || isOver(record.openedAtMs, Date.now())) over.push(name);
      else found.push(record);
    }
    if (over.length > 0) await forget(over);
    return found;
  };

  return {
    async find(by, reason, { by: person, about }) {
      try {
        await endpoint.beforeReading?.();
        const asked = { protocol: protocolVersion, by };
        return await postJson(endpoint, "/sync/v1/find", asked, findResponse, because(reason));
      } catch (failure) {
        // What a server refused, that server has noted.
        if (failure instanceof TransportFailure && failure.code === "unreachable")
          await onUnanswered({ way: wayOf(by), by: person, about }).catch(() => {});
        throw failure;
      }
    },

    async open(opening) {
      await endpoint.beforeReading?.();
      const { recordId, reason } = opening;
      const lines: PulledLine[] = [];
      let cursor: Cursor = { epoch: 0, position: 0 };
      for (let page = 0; page < pagesMax; page++) {
        const request = { protocol: protocolVersion, records: { [recordId]: cursor } };
        const { server, records } = await postJson(endpoint, "/sync/v1/pull", request, pullResponse, because(reason));
        const part = records[recordId];
        if (part === undefined || !("lines" in part)) throw notOpened();
        for (const line of part.lines) {
          if ((await hashText(line.entry)) !== line.hash || entryOf(recordId, line) === undefined) throw notWhole();
          lines.push(line);
        }
        cursor = part.cursor;
        if (!part.more) return { ...opening, openedAtMs: Date.now(), server, cursor, lines };
      }
      throw notWhole();
    },

    async blob(recordId, sha256, reason) {
      try {
        const response = await call(endpoint, `/blobs/v1/${recordId}/${sha256}`, { headers: because(reason) });
        const bytes = new Uint8Array(await response.arrayBuffer());
        return (await sha256Hex(bytes)) === sha256 ? bytes : undefined;
      } catch {
        return undefined;
      }
    },

    async keep(record) {
      const name = nameOf(record);
      await database.set(name, await sealText(dataKey, name, JSON.stringify(record)));
    },

    async kept(openedBy) {
      const all = await standing();
      return all.filter((one) => one.openedBy === openedBy).sort((a, b) => b.openedAtMs - a.openedAtMs);
    },

    sweeping() {
      const sweep = () => void standing().catch(() => {});
      sweep();
      const timer = setInterval(sweep, sweepEveryMs);
      return () => clearInterval(timer);
    },

    async drop() {
      const names = (await rowsOf()).map(({ name }) => name);
      if (names.length > 0) await forget(names);
    },

    async join(record) {
      const { recordId, server } = record;
      const held = record.lines.flatMap((line) => {
        const entry = entryOf(recordId, line);
        return entry === undefined ? [] : heldFrom(line, entry, server, deviceId, "P1");
      });
      // From the start: the base may have given other places since the record was opened, in a new life.
      await store.file(recordId, held, { epoch: record.cursor.epoch, position: 0 });
      await forget([nameOf(record)]);
    },
  };
};

/** Whether what began then has lasted longer than the longest shift, or a clock that was set back cannot tell any more. */
export const isOver = (beganAtMs: number, nowMs: number): boolean =>
  nowMs < beganAtMs || nowMs - beganAtMs > keptHoursMax * 3_600_000;

/** What the record says, for whoever draws it. */
export const entriesOf = ({ recordId, lines }: Pick<EarlierRecord, "recordId" | "lines">): Entry[] =>
  lines.flatMap((line) => entryOf(recordId, line) ?? []);

const entryOf = (recordId: string, { entry: text, deviceId }: PulledLine): Entry | undefined => {
  const { entry } = readEntry(text);
  return entry?.recordId === recordId && entry.deviceId === deviceId ? entry : undefined;
};

const notOpened = (): TransportFailure =>
  new TransportFailure(
    "refused",
    "The base did not open this record for you. If you need it, call the trust's clinical hub.",
  );
const notWhole = (): TransportFailure =>
  new TransportFailure("rejected", "The record did not arrive whole. Open it again.");

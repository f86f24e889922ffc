import type pg from "pg";
import { byteas, int8s, texts, uuids } from "../postgres/binary-array.ts";
import type { ZonePools } from "../postgres/zone-pools.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import {
  type Access,
  notedMs,
  offlineMs,
  openAccess,
  type SealedAccess,
  sealAccess,
  sealNotedAccess,
} from "./access-line.ts";
import { GroupWriter } from "./group-writer.ts";
import type { KeptLine, LocalJournal } from "./local-journal.ts";

export interface AccessLog {
  /**
   * Resolves once the line is durable; only then may data leave. When the database cannot take it, a direct-care read of
   * one record is written to the local journal; anything else rejects.
   *
   * @param answered records in the answer, where several lines tell of it
   */
  write(access: Access, answered?: number): Promise<void>;
  /** Appends what the journal kept. Called at start; begun, too, after each write that went through. */
  drain(): Promise<void>;
}

const groupMax = 500;
const waitingMax = 20_000;

const cares: ReadonlySet<Access["purpose"]> = new Set(["direct-care", "break-glass"]);
/** What the local journal may take: one record of somebody who is being cared for. A look-up goes through all of them. */
const isOneInCare = ({ purpose, action }: Access, answered: number): boolean =>
  cares.has(purpose) && answered === 1 && action !== "find";

/** After a drain that failed, ms. */
const drainAgainMs = 10_000;

/** `onStuck`: what the journal kept, or some of it, did not get into the log. */
export const createAccessLog = (
  pool: pg.Pool,
  keyRing: KeyRing,
  journal: LocalJournal,
  onStuck: () => void,
): AccessLog => {
  const append = async (group: readonly SealedAccess[]): Promise<undefined[]> => {
    const lines = withoutRepeats(group);
    const accesses = lines.map(({ access }) => access);
    const values = [
      uuids(accesses.map(({ deviceId }) => deviceId ?? null)),
      texts(accesses.map(({ person }) => person?.userId ?? null)),
      uuids(accesses.map(({ sessionId }) => sessionId ?? null)),
      texts(accesses.map(({ action }) => action)),
      texts(accesses.map(({ recordIds }) => `{${recordIds.join(",")}}`)),
      uuids(lines.map(({ givenId }) => givenId)),
      int8s(accesses.map(offlineMs)),
      int8s(accesses.map(notedMs)),
      byteas(lines.map(({ hash }) => hash)),
      byteas(lines.map(({ sealed }) => sealed)),
    ];
    const text = `SELECT at_epoch FROM append_access($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::uuid[],
      $7::bigint[], $8::bigint[], $9::bytea[], $10::bytea[])`;
    await pool.query({ name: "append-access", text, values });
    return group.map(() => undefined);
  };
  const writer = new GroupWriter<SealedAccess, undefined>(append, groupMax, waitingMax);

  const drain = () =>
    journal.drain(async (kept) => {
      const unread: KeptLine[] = [];
      const lines = kept.flatMap((line): SealedAccess[] => {
        const [hash, sealed] = [Buffer.from(line.hash, "hex"), Buffer.from(line.sealed, "base64")];
        try {
          return [{ access: openAccess(keyRing, hash, sealed), hash, sealed, givenId: givenIdOf(line.hash) }];
        } catch {
          unread.push(line);
          return [];
        }
      });
      if (lines.length > 0) await append(lines);
      if (unread.length === 0) return;
      await journal.setAside(unread);
      onStuck();
    });

  let draining: Promise<void> | undefined;
  let notBefore = 0;
  /** No reader waits for it. One that fails is tried again a little later. */
  const drainBeside = (): void => {
    if (!journal.holds() || draining !== undefined || Date.now() < notBefore) return;
    draining = drain()
      .catch(() => {
        notBefore = Date.now() + drainAgainMs;
        // At a stop the rest waits for the next start.
        if (!pool.ending) onStuck();
      })
      .finally(() => {
        draining = undefined;
      });
  };

  return {
    write: async (access, answered = access.recordIds.length) => {
      try {
        await writer.add(sealAccess(keyRing, access));
      } catch (error) {
        if (!isOneInCare(access, answered)) throw error;
        await journal.add(sealNotedAccess(keyRing, access));
        return;
      }
      drainBeside();
    },
    drain,
  };
};

/**
 * A standby's: its database is a replay, which takes no line of its own. What was noted is appended once it is the base.
 * `pools`: those of the zones' roles. The database is told of a reason too: what is behind the glass it opens to none without, and a crew
 * that goes on in a record is not asked again.
 */
export const createJournalLog = (
  keyRing: KeyRing,
  journal: LocalJournal,
  pools: Pick<ZonePools, "crew" | "care">,
): AccessLog => ({
  write: async (access) => {
    await journal.add(sealNotedAccess(keyRing, access));
    const { zone, deviceId, person, recordIds } = access;
    if (recordIds.length === 0 || !saysWhy(access)) return;
    const pool = zone === "crew" ? pools.crew : pools.care;
    await pool.query("SELECT say_at_standby($1, $2, $3)", [deviceId, person?.userId ?? "", uuids(recordIds)]);
  },
  drain: async () => {},
});

/** A crew finds a patient's records by a look-up, and opens each for a reason of its own. */
const saysWhy = ({ action, zone }: Access): boolean =>
  action === "break-glass" ? zone === "crew" || zone === "care" : action === "find" && zone === "care";

/** Two requests of one group may bring the same line; the statement looks only at what was there before it. */
const withoutRepeats = (group: readonly SealedAccess[]): SealedAccess[] => {
  const seen = new Set<string>();
  return group.filter(({ access, givenId }) => {
    if (givenId === null) return true;
    const key = `${access.deviceId} ${givenId}`;
    return !seen.has(key) && seen.add(key);
  });
};

/** A line that a journal hands over again, here or at another server, is known by its hash. */
export const givenIdOf = (hash: string): string =>
  hash.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

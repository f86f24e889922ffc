import type pg from "pg";
import type { HeartbeatRequest, SignedHead } from "#protocol/heartbeat.ts";
import { headStatement, type Need } from "#protocol/push.ts";
import { ProblemError } from "../http/problem-error.ts";
import { byteas, int4s, texts, uuids } from "../postgres/binary-array.ts";
import { isSignedBy } from "./device-key.ts";
import type { Devices, KnownDevice } from "./devices.ts";

export interface HeartbeatParts {
  /** Connections of holdfast_identity and holdfast_ingest. */
  identity: pg.Pool;
  ingest: pg.Pool;
  devices: Devices;
  onSecurityEvent(event: { code: "clone-counter" | "clone-head"; deviceId: string }): void;
}

export interface Heartbeats {
  /**
   * Takes note of a heartbeat; suspends each device that it shows to be two. Resolves to what the log lacks of the chains that
   * were offered.
   */
  take(device: KnownDevice, request: HeartbeatRequest): Promise<Need[]>;
}

/** A counter that went back: another browser has sent with the same key. */
const counterReason = (sent: number, known: number): string =>
  `Clone: the heartbeat counter ${sent} came after ${known}. Two browsers use this device's key.`;
/** Ids only: a reason is read at the desk. */
const headReason = ({ recordId, n }: SignedHead): string =>
  `Clone: two entries are signed as entry ${n} of record ${recordId}. Two browsers use this device's key, or its disk lost one.`;

export const createHeartbeats = ({ identity, ingest, devices, onSecurityEvent }: HeartbeatParts): Heartbeats => {
  const suspend = async (deviceId: string, code: "clone-counter" | "clone-head", reason: string): Promise<void> => {
    if (devices.known(deviceId)?.state !== "active") return;
    try {
      await devices.setState(deviceId, "suspended", {}, reason);
    } catch (error) {
      // The desk, or the clone's other half, has changed it just now: it reads no more, or somebody has decided.
      if (!(error instanceof ProblemError)) throw error;
      return;
    }
    onSecurityEvent({ code, deviceId });
  };

  /** Whether the heartbeat may be the device's own next one. Of two with one counter, one is noted. */
  const note = async (device: KnownDevice, request: HeartbeatRequest, lacks: number): Promise<void> => {
    const { counter, answered, page, heads } = request;
    const values = [device.deviceId, device.position, counter, answered, heads.length, lacks, page.at === 0];
    const { rowCount } = await identity.query({ name: "note-heartbeat", text: noteSql, values });
    if (rowCount === 1) return;
    const { rows } = await identity.query<{ counter: string; answered: string }>(
      "SELECT counter, answered FROM device_heartbeat WHERE device_id = $1",
      [device.deviceId],
    );
    const known = { counter: Number(rows[0]?.counter), answered: Number(rows[0]?.answered) };
    // Given up by the device before a later one, and delayed on the way: the later one said that it had no answer.
    if (counter > known.answered && counter < known.counter) return;
    await suspend(device.deviceId, "clone-counter", counterReason(counter, known.counter));
  };

  /** Keeps what the log does not hold and its author has signed, for whoever proves the logs. */
  const claim = async (heads: readonly SignedHead[]): Promise<void> => {
    const signed: SignedHead[] = [];
    for (const head of heads.filter(({ signature }) => signature !== undefined).slice(0, claimsMax)) {
      const author = await devices.find(head.deviceId);
      if (author && isSignedBy(author.publicKey, headStatement(head), head.signature!)) signed.push(head);
    }
    if (signed.length === 0) return;
    await identity.query({
      name: "claim-heads",
      text: claimSql,
      values: [
        uuids(signed.map(({ deviceId }) => deviceId)),
        uuids(signed.map(({ recordId }) => recordId)),
        int4s(signed.map(({ n }) => n)),
        byteas(signed.map(({ hash }) => Buffer.from(hash, "hex"))),
        texts(signed.map(({ signature }) => signature!)),
      ],
    });
  };

  /** What came after all is in the log, and needs nobody's word. */
  const forgetClaims = async (heads: readonly SignedHead[]): Promise<void> => {
    if (heads.length === 0) return;
    const values = [
      uuids(heads.map(({ deviceId }) => deviceId)),
      uuids(heads.map(({ recordId }) => recordId)),
      int4s(heads.map(({ n }) => n)),
    ];
    await identity.query({ name: "forget-claims", text: forgetSql, values });
  };

  return {
    take: async (device, request) => {
      const { need, lacks, diverging, absent, present } = await compare(ingest, request.heads);
      // What contradicts the log first: what is only absent comes again with the next heartbeat.
      await claim([...diverging, ...absent]);
      await forgetClaims(present);
      for (const head of diverging) {
        const author = await devices.find(head.deviceId);
        const { signature = "" } = head;
        // Whoever carries another's chain could name any head; only its author can have signed it.
        if (author && isSignedBy(author.publicKey, headStatement(head), signature))
          await suspend(author.deviceId, "clone-head", headReason(head));
      }
      await note(device, request, lacks);
      return need;
    },
  };
};

/** Of one heartbeat: after a restore all of them are lacking, and come again with the next. */
const claimsMax = 100;
/** The first time that it was told counts. */
const claimSql = `INSERT INTO claimed_head AS c (device_id, record_id, n, hash, signature, told)
  SELECT DISTINCT ON (device_id, record_id) device_id, record_id, n, hash, signature, now()
  FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::bytea[], $5::text[]) AS h (device_id, record_id, n, hash, signature)
  ORDER BY device_id, record_id, n DESC
  ON CONFLICT (device_id, record_id) DO UPDATE SET n = excluded.n, hash = excluded.hash, signature = excluded.signature, told = now()
  WHERE c.n < excluded.n OR c.n = excluded.n AND c.hash <> excluded.hash`;

const forgetSql = `DELETE FROM claimed_head c USING unnest($1::uuid[], $2::uuid[], $3::int[]) AS h (device_id, record_id, n)
  WHERE c.device_id = h.device_id AND c.record_id = h.record_id AND c.n <= h.n`;

const noteSql = `INSERT INTO device_heartbeat AS h (device_id, device_position, counter, answered, beat, chains, lacks)
  VALUES ($1, $2, $3, $4, now(), $5, $6)
  ON CONFLICT (device_id) DO UPDATE SET device_position = $2, counter = $3, answered = $4, beat = now(),
    chains = CASE WHEN $7 THEN $5 ELSE h.chains + $5 END, lacks = CASE WHEN $7 THEN $6 ELSE h.lacks + $6 END
  WHERE h.counter < $3 OR h.device_position <> $2`;

interface StoredChain {
  hash: Buffer | null;
  last_n: number;
  /** Entries that are here and wait for the desk. */
  kept: number;
}

const storedSql = `SELECT at.hash, coalesce(last.n, 0) AS last_n, (
    SELECT count(*)::int FROM care_line q WHERE q.device_id = o.device_id AND q.record_id = o.record_id
      AND q.quarantine = 'revoked-device' AND NOT EXISTS (SELECT FROM care_line a
        WHERE a.record_id = q.record_id AND a.device_id = q.device_id AND a.n IS NOT NULL AND a.hash = q.hash)
  ) AS kept
  FROM unnest($1::uuid[], $2::uuid[], $3::int[]) WITH ORDINALITY AS o (record_id, device_id, n, ord)
  LEFT JOIN LATERAL (SELECT c.hash FROM care_line c
    WHERE c.record_id = o.record_id AND c.device_id = o.device_id AND c.n = o.n) at ON true
  LEFT JOIN LATERAL (SELECT c.n FROM care_line c
    WHERE c.record_id = o.record_id AND c.device_id = o.device_id AND c.n IS NOT NULL ORDER BY c.n DESC LIMIT 1) last ON true
  ORDER BY o.ord`;
const holesSql = `SELECT record_id, device_id, from_n, to_n FROM chain_hole
  WHERE (record_id, device_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[])) ORDER BY record_id, device_id, from_n`;

interface Compared {
  /** What the log lacks of each chain up to its head. */
  need: Need[];
  /** How many entries are not here at all, not even waiting for the desk. */
  lacks: number;
  /** Heads where another entry is stored, that are not here, and that are. */
  diverging: SignedHead[];
  absent: SignedHead[];
  present: SignedHead[];
}

/** Of offered chains. */
const compare = async (pool: pg.Pool, heads: readonly SignedHead[]): Promise<Compared> => {
  if (heads.length === 0) return { need: [], lacks: 0, diverging: [], absent: [], present: [] };
  const records = uuids(heads.map(({ recordId }) => recordId));
  const authors = uuids(heads.map(({ deviceId }) => deviceId));
  const [stored, found] = await Promise.all([
    pool.query<StoredChain>({
      name: "stored-chains",
      text: storedSql,
      values: [records, authors, int4s(heads.map(({ n }) => n))],
    }),
    pool.query<{ record_id: string; device_id: string; from_n: number; to_n: number }>({
      name: "holes-of-chains",
      text: holesSql,
      values: [records, authors],
    }),
  ]);
  const holesOf = Map.groupBy(found.rows, (hole) => `${hole.record_id}/${hole.device_id}`);
  const need: Need[] = [];
  const diverging: SignedHead[] = [];
  const absent: SignedHead[] = [];
  const present: SignedHead[] = [];
  let lacks = 0;
  for (const [i, head] of heads.entries()) {
    const { deviceId, recordId, n, hash } = head;
    const { hash: at, last_n, kept } = stored.rows[i]!;
    if (at !== null && at.toString("hex") !== hash) diverging.push(head);
    if (at === null && last_n < n) absent.push(head);
    if (at?.toString("hex") === hash) present.push(head);
    const holes = (holesOf.get(`${recordId}/${deviceId}`) ?? [])
      .filter(({ from_n }) => from_n <= n)
      .map(({ from_n, to_n }) => ({ deviceId, recordId, from: from_n, to: Math.min(to_n, n) }));
    const lacking = last_n < n ? [...holes, { deviceId, recordId, from: last_n + 1, to: n }] : holes;
    need.push(...lacking);
    lacks += Math.max(0, lacking.reduce((sum, { from, to }) => sum + to - from + 1, 0) - kept);
  }
  return { need, lacks, diverging, absent, present };
};

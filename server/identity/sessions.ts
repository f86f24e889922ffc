import { createHash, randomBytes, randomUUID } from "node:crypto";
import type pg from "pg";
import * as z from "zod/mini";
import { countsEverywhere, type SignInStrength, signInStrengths } from "#defence/access/words.ts";
import { type SignedInPerson, signedInPerson } from "#protocol/sign-in.ts";
import { ProblemError } from "../http/problem-error.ts";
import type { PokeBus } from "../live/poke-bus.ts";
import type { ControlLog } from "../logs/control-log.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import type { CellZone } from "../trusts.ts";
import { createEndedSessions } from "./ended-sessions.ts";
import { personSubject } from "./subjects.ts";
import { issueToken, openedText, sealedText } from "./tokens.ts";

/** How long an access token reads. What revokes it acts at once; this bounds what a server that is cut off would let through. */
export const accessMs = 10 * 60_000;
/** The longest a person stays signed in: a shift. */
const sessionHours = 12;
/** Without a refresh for so long, a session is over: somebody has left. */
const idleMinutes = 60;
/** A person at work has a few screens; of more sessions than this the oldest end. */
const sessionsPerPersonMax = 100;
/** How long the desk can look up who was signed in. */
const keptDays = 90;
/** Who signed in, where, and the key that the tokens are bound to. */
export interface SessionStart {
  person: SignedInPerson;
  deviceId: string;
  zone: CellZone;
  siteId?: string | undefined;
  /** RFC 7638 thumbprint of the device's key. */
  keyThumbprint: string;
}

export interface SessionTokens {
  sessionId: string;
  accessToken: string;
  refreshToken: string;
  /** Of the access token. */
  expiresInSeconds: number;
}

/** Which sessions to end: one, all of a person, or all on a device. */
export type SessionsOf = { sessionId: string } | { userId: string } | { deviceId: string };

/** Why a session ended, for the desk's list. */
export type WhyEnded =
  | "signed-out"
  | "ended-at-desk"
  | "refresh-token-reused"
  | "person-ended"
  | "device-ended"
  | "replaced"
  | "too-many";

export interface Sessions {
  open(start: SessionStart): Promise<SessionTokens>;
  /**
   * The next tokens; the refresh token given is spent once one of those is used, because an answer may be lost, in a dead
   * spot several. Used again after that, it ends the session. Rejects with a ProblemError 401: `session-ended`, `sign-in`.
   */
  refresh(refreshToken: string, keyThumbprint: string): Promise<SessionTokens>;
  /**
   * The person showed both factors again just now, in this way. The session is then as strong as the strongest that was shown in it;
   * a PIN in the session of a passkey is no step-up, because what such a session may do counts beyond the tablet. Resolves to new
   * tokens and how strong the session is; rejects with 401 `session-ended`.
   */
  stepUp(sessionId: string, shown: SignInStrength): Promise<SessionTokens & { strength: SignInStrength }>;
  /** Resolves to how many ended. */
  end(which: SessionsOf, why: WhyEnded): Promise<number>;
  /** From memory; also what another process ended. */
  isEnded(sessionId: string): boolean;
}

export interface SessionParts {
  pool: pg.Pool;
  keyRing: KeyRing;
  bus: PokeBus;
  controlLog: Pick<ControlLog, "find">;
  onSecurityEvent(event: { code: "refresh-token-reused"; sessionId: string; deviceId: string }): void;
}

/** What a session's row seals. */
const sealedSession = z.object({
  person: signedInPerson,
  siteId: z.optional(z.string()),
  authenticatedMs: z.int(),
});
type SealedSession = z.infer<typeof sealedSession>;

interface SessionRow {
  session_id: string;
  device_id: string;
  zone: CellZone;
  key_thumbprint: string;
  sealed: Buffer;
}

const hashOf = (refreshToken: string): Buffer => createHash("sha256").update(refreshToken).digest();
export const aboutSession = (sessionId: string): string => `session\n${sessionId}`;

/** People's sessions: a short access token, a refresh token that rotates, and an end that every process knows of at once. */
export const createSessions = async (parts: SessionParts): Promise<Sessions> => {
  const { pool, keyRing, bus, controlLog } = parts;
  const ended = createEndedSessions(pool, accessMs);
  bus.on("session", ended.add);
  bus.on("found", () => void ended.load().catch(() => {}));
  await ended.load();
  await pool.query(`DELETE FROM session WHERE ends < now() - interval '${keptDays} days'`);
  const refreshKey = keyRing.derive("refresh tokens");

  const newRefreshToken = (sessionId: string): string =>
    sealedText(refreshKey, `${sessionId}.${randomBytes(24).toString("base64url")}`);
  const seal = (sessionId: string, state: SealedSession): Buffer =>
    keyRing.seal("session", JSON.stringify(state), aboutSession(sessionId));

  const tokensOf = (row: Omit<SessionRow, "sealed">, state: SealedSession, refreshToken: string): SessionTokens => ({
    sessionId: row.session_id,
    accessToken: issueToken(keyRing.tokenKey, {
      deviceId: row.device_id,
      person: state.person,
      sessionId: row.session_id,
      authenticatedMs: state.authenticatedMs,
      keyThumbprint: row.key_thumbprint,
      zone: row.zone,
      siteId: state.siteId,
      readsUntilMs: Date.now() + accessMs,
    }),
    refreshToken,
    expiresInSeconds: accessMs / 1000,
  });

  const endWhere = async (condition: string, value: string, why: WhyEnded): Promise<number> => {
    const { rows } = await pool.query<{ session_id: string }>(
      `UPDATE session SET ended = now(), why_ended = $2 WHERE ${condition} AND ended IS NULL RETURNING session_id`,
      [value, why],
    );
    for (const row of rows) ended.add(row.session_id);
    return rows.length;
  };
  const end = (which: SessionsOf, why: WhyEnded): Promise<number> => {
    if ("sessionId" in which) return endWhere("session_id = $1", which.sessionId, why);
    if ("userId" in which) return endWhere("user_id = $1", which.userId, why);
    return endWhere("device_id = $1", which.deviceId, why);
  };
  const beyondLimit = `session_id IN (SELECT session_id FROM session WHERE user_id = $1 AND ended IS NULL
    ORDER BY started DESC OFFSET ${sessionsPerPersonMax})`;

  /** The person as the desk has them now; whoever left the trust is ended. Break-glass accounts are no such subjects. */
  const asOfNow = async (state: SealedSession): Promise<SealedSession> => {
    const { userId, strength } = state.person;
    // Whatever the desk says of a person of this id, who opened a sealed account is none.
    if (strength === "break-glass") return state;
    const subject = await controlLog.find("person", userId);
    if (subject === undefined) return state;
    const { name, roles, endsAt } = personSubject.parse(subject.state);
    if (endsAt !== undefined && Date.parse(endsAt) <= Date.now()) {
      await end({ userId }, "person-ended");
      throw sessionEnded();
    }
    return { ...state, person: { ...state.person, name, roles } };
  };

  /** Gives the session new tokens if it goes on and `condition` holds; null if not. */
  const renew = async (
    sessionId: string,
    condition: string,
    /** The hash of the token that the new one takes the place of. */
    spent: string,
    values: readonly unknown[],
    change: (state: SealedSession) => SealedSession,
  ): Promise<SessionTokens | null> => {
    const { rows } = await pool.query<SessionRow>(
      `SELECT session_id, device_id, zone, key_thumbprint, sealed FROM session
       WHERE session_id = $1 AND ended IS NULL AND ends > now() AND used > now() - interval '${idleMinutes} minutes'
         AND ${condition}`,
      [sessionId, ...values],
    );
    const row = rows[0];
    if (row === undefined) return null;
    const held = sealedSession.parse(JSON.parse(keyRing.open("session", row.sealed, aboutSession(sessionId))));
    const state = change(await asOfNow(held));
    const refreshToken = newRefreshToken(sessionId);
    // Asked again: of two that refresh at once with the token in force, one comes after the other.
    const updated = await pool.query(
      `UPDATE session SET used = now(), refresh_hash_before = ${spent},
         refresh_hash = $${values.length + 2}, sealed = $${values.length + 3}
       WHERE session_id = $1 AND ended IS NULL AND ${condition}`,
      [sessionId, ...values, hashOf(refreshToken), seal(sessionId, state)],
    );
    return updated.rowCount === 1 ? tokensOf(row, state, refreshToken) : null;
  };

  return {
    open: async ({ person, deviceId, zone, siteId, keyThumbprint }) => {
      const sessionId = randomUUID();
      const refreshToken = newRefreshToken(sessionId);
      const state: SealedSession = {
        person,
        ...(siteId !== undefined && { siteId }),
        authenticatedMs: Date.now(),
      };
      await pool.query(
        `INSERT INTO session (session_id, user_id, device_id, zone, key_thumbprint, ends, refresh_hash, sealed)
         VALUES ($1, $2, $3, $4, $5, now() + interval '${sessionHours} hours', $6, $7)`,
        [sessionId, person.userId, deviceId, zone, keyThumbprint, hashOf(refreshToken), seal(sessionId, state)],
      );
      await endWhere(beyondLimit, person.userId, "too-many");
      const row = { session_id: sessionId, device_id: deviceId, zone, key_thumbprint: keyThumbprint };
      return tokensOf(row, state, refreshToken);
    },

    refresh: async (refreshToken, keyThumbprint) => {
      const sessionId = openedText(refreshKey, refreshToken)?.split(".")[0];
      if (sessionId === undefined) throw new ProblemError(401, "sign-in", "Nobody is signed in here.", "Sign in.");
      const hash = hashOf(refreshToken);
      const inForce = "key_thumbprint = $2 AND $3 IN (refresh_hash, refresh_hash_before)";
      const renewed = await renew(sessionId, inForce, "$3", [keyThumbprint, hash], (state) => state);
      if (renewed !== null) return renewed;
      // We made this token, and neither it nor the one after it is in force: it was used before, or it is another key that holds it.
      const { rows } = await pool.query<{ device_id: string }>(
        `SELECT device_id FROM session WHERE session_id = $1 AND ended IS NULL
           AND ((refresh_hash <> $2 AND refresh_hash_before IS DISTINCT FROM $2) OR key_thumbprint <> $3)`,
        [sessionId, hash, keyThumbprint],
      );
      if (rows[0] !== undefined) {
        await end({ sessionId }, "refresh-token-reused");
        parts.onSecurityEvent({ code: "refresh-token-reused", sessionId, deviceId: rows[0].device_id });
      }
      throw sessionEnded();
    },

    stepUp: async (sessionId, shown) => {
      let strength = shown;
      const renewed = await renew(sessionId, "true", "refresh_hash", [], (state) => {
        strength = stronger(state.person.strength, shown);
        const counts = strength === shown || countsEverywhere.has(shown);
        const authenticatedMs = counts ? Date.now() : state.authenticatedMs;
        return { ...state, person: { ...state.person, strength }, authenticatedMs };
      });
      if (renewed === null) throw sessionEnded();
      return { ...renewed, strength };
    },

    end,
    isEnded: ended.has,
  };
};

/** Listed from the strongest on. */
const stronger = (a: SignInStrength, b: SignInStrength): SignInStrength =>
  signInStrengths.indexOf(a) < signInStrengths.indexOf(b) ? a : b;

export const sessionEnded = (): ProblemError =>
  new ProblemError(401, "session-ended", "You are signed out.", "Sign in again; what you wrote is kept.");

import type { KeyObject } from "node:crypto";
import { headStatement } from "#protocol/push.ts";
import { isSignedBy, keyOf } from "../identity/device-key.ts";
import { deviceSubject, recordSubject } from "../identity/subjects.ts";
import { readControlLine } from "../logs/control-log.ts";
import type { StoredLine } from "./stored-lines.ts";

/**
 * What the control log says of devices and of records that ended, and what devices signed. What is younger than the last head is held by what devices signed alone: each entry names the one before it, and the last of what
 * was pushed is signed. Devices' keys come from the control log, so its lines are shown first.
 */
export interface YoungLines {
  control(line: StoredLine): void;
  /** How a line of care contradicts its device; undefined where it does not. */
  care(line: StoredLine, isYoung: boolean): string | undefined;
  isSigned(head: { deviceId: string; recordId: string; n: number; hash: string; signature: string }): boolean;
  /** Up to which line the control log says that a record ended; 0 where it does not. */
  endedThrough(recordId: string): number;
  /** Hash of the newest entry of a chain. */
  end(deviceId: string, recordId: string): { n: number; hash: string } | undefined;
}

export const watchYoungLines = (): YoungLines => {
  const keys = new Map<string, KeyObject>();
  const ended = new Map<string, number>();
  const ends = new Map<string, { n: number; hash: string }>();
  const isSigned: YoungLines["isSigned"] = (head) => {
    const key = keys.get(head.deviceId);
    return key !== undefined && isSignedBy(key, headStatement(head), head.signature);
  };
  return {
    control: ({ text }) => {
      const change = text === null ? null : readControlLine(text);
      if (change?.kind === "record") {
        const { disposal } = recordSubject.parse(change.state);
        if (disposal) ended.set(change.id, disposal.through);
      }
      if (change?.kind !== "device") return;
      const state = deviceSubject.safeParse(change.state);
      if (state.success) keys.set(change.id, keyOf(state.data.publicKey));
    },
    care: (line, isYoung) => {
      const { deviceId, recordId, n, hash, signature, quarantine, text } = line;
      if (n == null || quarantine != null || deviceId === null || recordId === undefined) return undefined;
      const chain = `${deviceId}/${recordId}`;
      const before = ends.get(chain);
      if (before === undefined || before.n < n) ends.set(chain, { n, hash });
      if (!isYoung || text === null) return undefined;
      if (before?.n === n - 1 && (JSON.parse(text) as { prev: string | null }).prev !== before.hash)
        return "it does not go on from the entry before it in its chain";
      const isForged = signature !== null && !isSigned({ deviceId, recordId, n, hash, signature });
      return isForged ? "its device did not sign it" : undefined;
    },
    isSigned,
    endedThrough: (recordId) => ended.get(recordId) ?? 0,
    end: (deviceId, recordId) => ends.get(`${deviceId}/${recordId}`),
  };
};

import { hash } from "node:crypto";
import { type Access, accessor } from "../logs/access-line.ts";
import type { Principal } from "./identity.ts";

/** A token that is refused again and again, by a device that polls, is noted this seldom. */
const noteAgainMs = 10 * 60_000;
/** Kinds of refusals of tokens that are remembered; oldest out first. */
const notedMax = 10_000;

export interface RefusedCall {
  token: string;
  zone: string;
  /** The problem's code. */
  code: string;
  /** Undefined for a token that is none of ours. */
  principal: Principal | undefined;
}

export interface Refusals {
  /** Writes an access line `refused`. It shows nobody anything, so nothing waits for it. */
  note(call: RefusedCall): void;
}

export interface RefusalParts {
  access: { write(access: Access): Promise<void> };
  /** A token of ours came from somebody who does not hold its key: it was stolen. */
  onSecurityEvent(event: { code: string; deviceId: string }): void;
}

/** A replay is not among them: a browser sends a request again when its connection breaks. */
const tellTheft: ReadonlySet<string> = new Set(["wrong-key", "proof-elsewhere", "bad-proof"]);

export const createRefusals = ({ access, onSecurityEvent }: RefusalParts): Refusals => {
  const noted = new Map<string, number>();
  return {
    note: ({ token, zone, code, principal }) => {
      const kind = `${code} ${hash("sha256", token)}`;
      const now = performance.now();
      if (now - (noted.get(kind) ?? Number.NEGATIVE_INFINITY) < noteAgainMs) return;
      if (noted.size >= notedMax) noted.delete(noted.keys().next().value!);
      noted.set(kind, now);
      if (principal !== undefined && tellTheft.has(code)) onSecurityEvent({ code, deviceId: principal.deviceId });
      access
        .write({
          ...(principal === undefined ? {} : accessor(principal)),
          zone,
          action: "refused",
          purpose: "security",
          relation: "none",
          recordIds: [],
          detail: code,
        })
        .catch(() => {});
    },
  };
};

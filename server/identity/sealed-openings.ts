import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { type ControlLog, StaleSubject } from "../logs/control-log.ts";
import type { KeptLine, LocalJournal } from "../logs/local-journal.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { sealedAccount } from "./sealed-accounts.ts";

const opening = z.object({
  /** Given when the account was opened, so that a review is begun once. */
  reviewId: z.string(),
  account: z.string(),
  deviceId: z.string(),
  zone: z.string(),
  siteId: z.optional(z.string()),
  reason: z.string(),
  openedAt: z.string(),
});
/** That somebody opened a sealed account. */
export type SealedOpening = z.infer<typeof opening>;

/** Resolves once what it was given is durable, and somebody will review it. */
export type NoteOpening = (opening: SealedOpening) => Promise<void>;

/** A base's: the account's line and a review, in one commit. Noted again, it changes nothing. */
export const openingsInLog =
  (log: ControlLog): NoteOpening =>
  async (opened) => {
    // Opened in two places at once: both are noted, one after the other.
    for (let tries = 1; ; tries++) {
      try {
        return await append(log, opened);
      } catch (error) {
        if (!(error instanceof StaleSubject) || tries === 5) throw error;
      }
    }
  };

const append = async (log: ControlLog, { reviewId, ...opened }: SealedOpening): Promise<void> => {
  if ((await log.find("review", reviewId)) !== undefined) return;
  const { account: id, deviceId, reason, openedAt } = opened;
  const found = await log.find("break-glass", id);
  const by = { userId: id, deviceId };
  const state = { of: "sealed-account", ...opened, state: "open" };
  const review = { kind: "review", id: reviewId, state, by, reason, expected: 0 } as const;
  // One of an account that is not known here, as after a restore to an earlier time, is reviewed all the same.
  if (found === undefined) return void (await log.append([review]));
  const account = sealedAccount.parse(found.state);
  const change = { ...account, opened: account.opened + 1, openedAt };
  await log.append([{ kind: "break-glass", id, state: change, by, reason, expected: found.position }, review]);
};

/** A standby's, which writes no control line: they are kept sealed, in this journal, until it is the base. */
export const openingsInJournal =
  (keyRing: KeyRing, journal: LocalJournal): NoteOpening =>
  (opened) => {
    const text = JSON.stringify(opened);
    const hash = createHash("sha256").update(text).digest("hex");
    return journal.add({ hash, sealed: keyRing.seal("control", text, hash).toString("base64") });
  };

/** Notes what this server kept of them while it was a standby. Cut short, it goes on at the next start; what cannot be read is set aside. */
export const admitOpenings = (
  keyRing: KeyRing,
  journal: LocalJournal,
  note: NoteOpening,
  onStuck: () => void,
): Promise<void> =>
  journal.drain(async (lines) => {
    for (const line of lines) {
      const opened = openingOf(keyRing, line);
      if (opened !== undefined) {
        await note(opened);
        continue;
      }
      await journal.setAside([line]);
      onStuck();
    }
  });

const openingOf = (keyRing: KeyRing, { hash, sealed }: KeptLine): SealedOpening | undefined => {
  try {
    return readOpening(keyRing.open("control", Buffer.from(sealed, "base64"), hash));
  } catch {
    return undefined;
  }
};

/** Throws for anything else than a noted opening. */
export const readOpening = (text: string): SealedOpening => opening.parse(JSON.parse(text));

import type pg from "pg";
import { type ProposalSubject, proposalSubject, recordSubject } from "../identity/subjects.ts";
import { type ControlLog, createControlLog, StaleSubject } from "../logs/control-log.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { disposeRecord, placeOfRecord } from "./dispose-record.ts";

export interface CarryOutParts {
  /** Connections of the control zone's role. */
  pool: pg.Pool;
  keyRing: KeyRing;
  /** This process is to know that the record has ended. */
  onDisposed(recordId: string): Promise<void>;
}

/** Tries anew after somebody was first. */
const triesMax = 10;

/**
 * Carries out every disposal that two people have agreed to: the one just decided, and those that a stop of the server came
 * before. May run in several processes at once, and again at any time.
 */
export const carryOutDisposals = async (parts: CarryOutParts): Promise<void> => {
  const log = createControlLog(parts.pool, parts.keyRing, "append_control");
  for (const { id, state } of await log.all("proposal"))
    if (isAgreed(proposalSubject.parse(state))) await carryOut(parts, log, id);
};

const isAgreed = ({ what, state }: ProposalSubject): boolean => what === "disposal" && state === "approved";

/** The newest state is read and decided on until nobody changes it meanwhile: a legal hold that was set in time stops it. */
const carryOut = async (parts: CarryOutParts, log: ControlLog, proposalId: string): Promise<void> => {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(parts, log, proposalId);
    } catch (error) {
      if (!(error instanceof StaleSubject) || tries === triesMax) throw error;
    }
  }
};

const attempt = async (
  { pool, keyRing, onDisposed }: CarryOutParts,
  log: ControlLog,
  proposalId: string,
): Promise<void> => {
  const held = (await log.find("proposal", proposalId))!;
  const proposal = proposalSubject.parse(held.state);
  const { recordId, through, decidedBy } = proposal;
  if (!isAgreed(proposal) || recordId === undefined || through === undefined) return;
  const by = decidedBy === undefined ? {} : { userId: decidedBy };
  const ended = (state: "done" | "stopped") =>
    ({ kind: "proposal", id: proposalId, state: { ...proposal, state }, by, expected: held.position }) as const;
  const record = await log.find("record", recordId);
  const marks = recordSubject.parse(record?.state ?? {});
  const place = await placeOfRecord(pool, recordId);
  // What came since belongs to no decision: it must not go with the rest.
  if (marks.hold || place?.last !== through) {
    await log.append([{ ...ended("stopped"), reason: marks.hold ? "a legal hold" : "entries arrived meanwhile" }]);
    return;
  }
  const disposal = { proposalId, epoch: place.epoch, through, at: new Date().toISOString() };
  await disposeRecord(pool, keyRing, { recordId, ...disposal }, [
    ended("done"),
    {
      kind: "record",
      id: recordId,
      state: { ...marks, disposal },
      by,
      reason: proposal.reason,
      // Read together with the hold: a newer state of the record makes this stale.
      expected: record?.position ?? 0,
    },
  ]);
  await onDisposed(recordId);
};

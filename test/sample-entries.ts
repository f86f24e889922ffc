import type { Entry, Ref } from "#domain/entry/entry.ts";
import { type CareRecord, fold } from "#domain/record.ts";

/** A UUID that tells its number: `sampleId(7)` ends in 7. */
export const sampleId = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;
export const sampleRecordId = sampleId(999_999);
export const tabletA = sampleId(500_001);
export const tabletB = sampleId(500_002);
export const screen = sampleId(500_003);

/** A minute of the sample shift, from 10:00 in London on a winter day. */
export const minute = (minutes: number): string =>
  new Date(Date.UTC(2026, 0, 15, 10, 0) + minutes * 60_000).toISOString();

export interface SampleOptions {
  id?: string;
  deviceId?: string;
  n?: number;
  at?: string;
  v?: number;
  ref?: Ref;
  name?: string;
  role?: string;
  /** Of a student. */
  coSign?: string;
  signIn?: string;
}

/** Makes entries of one record with the next n of each device; salts and hashes are not real. */
export const sampleEntries = () => {
  const heads = new Map<string, number>();
  let made = 0;
  const add = (kind: string, body: Record<string, unknown>, options: SampleOptions = {}): Entry => {
    const deviceId = options.deviceId ?? tabletA;
    const n = options.n ?? (heads.get(deviceId) ?? 0) + 1;
    heads.set(deviceId, n);
    made += 1;
    const at = options.at ?? minute(made);
    return {
      id: options.id ?? sampleId(made),
      recordId: sampleRecordId,
      deviceId,
      n,
      prev: n === 1 ? null : "0".repeat(64),
      kind,
      v: options.v ?? 1,
      salt: made.toString(16).padStart(32, "0"),
      occurredAt: at,
      recorded: { clock: at, timeZone: "Europe/London", serverOffsetMs: null, serverOffsetAgeMs: null },
      author: {
        userId: options.name ?? "demo-1",
        name: options.name ?? "Demo Medic",
        role: options.role ?? "Paramedic",
        signIn: options.signIn ?? "pin",
        ...(options.coSign !== undefined && { coSign: options.coSign }),
      },
      ...(options.ref && { ref: options.ref }),
      body,
    };
  };
  return {
    add,
    amend: (target: Entry, body: Record<string, unknown>, options: SampleOptions = {}): Entry =>
      add(target.kind, body, { ...options, ref: { rel: "amends", id: target.id, reason: "typed wrongly" } }),
    strike: (target: Entry, options: SampleOptions & { reason?: string } = {}): Entry =>
      add(
        "strike",
        {},
        { ...options, ref: { rel: "strikes", id: target.id, reason: options.reason ?? "wrong patient" } },
      ),
  };
};

/** A reading taken by hand. */
export const reading = (value: string, at?: string) => ({ value, from: "hand" as const, ...(at && { at }) });

/** A whole NEWS2 set of an adult on air, NEWS2 0 unless parts are replaced. */
export const wholeSet = (parts: Record<string, unknown> = {}): Record<string, unknown> => ({
  respirations: reading("16"),
  spo2: reading("97"),
  systolic: reading("120"),
  diastolic: reading("80"),
  pulse: reading("70"),
  temperature: reading("37.0"),
  inspired: { is: "air", from: "hand" },
  acvpu: { is: "A", from: "hand" },
  ...parts,
});

export const recordOf = (...entries: Entry[]): CareRecord => fold(entries);

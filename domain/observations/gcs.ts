import type { Gcs } from "./observations.ts";

/** 3 to 15; null where a part could not be tested or the patient is intubated: then there is no total. */
export const gcsTotal = ({ eye, verbal, motor }: Gcs): number | null =>
  typeof eye === "number" && typeof verbal === "number" && typeof motor === "number" ? eye + verbal + motor : null;

/** `GCS 14 (E4 V4 M6)`; `GCS E4 VT M6` without a total. */
export const gcsText = (gcs: Gcs): string => {
  const parts = `E${gcs.eye} V${gcs.verbal} M${gcs.motor}`;
  const total = gcsTotal(gcs);
  return total === null ? `GCS ${parts}` : `GCS ${total} (${parts})`;
};

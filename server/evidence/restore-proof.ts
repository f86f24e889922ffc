import * as z from "zod/mini";

const counts = z.record(z.string(), z.int());

/** What `holdfast restore --json` prints, and nothing besides: a file that somebody hands over may hold anything. */
export const restoreProof = z.object({
  logs: z.array(
    z.object({
      log: z.enum(["care", "access", "control"]),
      lines: z.int(),
      epoch: z.int(),
      root: z.string(),
      lastReceived: z.nullable(z.string()),
      leftOut: z.int(),
      broken: z.optional(z.object({ fault: z.string(), segment: z.string(), words: z.string() })),
    }),
  ),
  records: z.int(),
  failed: z.int(),
  byKind: counts,
  byDay: counts,
  blobs: z.object({
    restored: z.int(),
    leftOut: z.int(),
    altered: z.array(z.object({ object: z.string(), fault: z.string() })),
    missing: z.array(z.object({ recordId: z.string(), sha256: z.string() })),
  }),
});
export type RestoreProof = z.infer<typeof restoreProof>;

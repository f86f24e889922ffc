import * as z from "zod/mini";

/** The four answers that are not a value. They differ clinically, so they never collapse into one "no". */
export const noKinds = ["none", "not-known", "not-asked", "refused"] as const;
export const no = z.object({ no: z.enum(noKinds) });
export type No = z.infer<typeof no>;

/** A value of the given schema, or one of the four kinds of "no". */
export const answer = <T extends z.core.$ZodType>(value: T) => z.union([z.object({ is: value }), no]);

export const noWords: Record<No["no"], string> = {
  none: "None",
  "not-known": "Not known",
  "not-asked": "Not asked",
  refused: "Refused to say",
};

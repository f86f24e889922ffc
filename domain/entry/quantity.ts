import * as z from "zod/mini";

/** A decimal as it was written: `36.0` keeps its zero, because its precision is part of what was measured. */
export const decimal = z.string().check(z.regex(/^-?(0|[1-9]\d{0,9})(\.\d{1,9})?$/));

/** A number with its unit, UCUM code. */
export const quantity = z.object({ value: decimal, unit: z.string().check(z.minLength(1), z.maxLength(20)) });
export type Quantity = z.infer<typeof quantity>;

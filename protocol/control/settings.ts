import * as z from "zod/mini";
import { reasonText } from "./page.ts";

/** `GET /control/v1/settings`: each setting the desk may change, as it is. */
export const settingRow = z.object({
  id: z.string(),
  title: z.string(),
  /** What it does, and what it costs, in plain words. */
  words: z.string(),
  /** `words`: separated by spaces. `secret`: told to nobody; as a value it is "set", or nothing. */
  type: z.enum(["switch", "number", "text", "words", "secret"]),
  value: z.union([z.boolean(), z.number(), z.string()]),
  unit: z.optional(z.string()),
  least: z.optional(z.number()),
  most: z.optional(z.number()),
  /** Weaker than the trust was advised: the desk shows so. */
  weak: z.boolean(),
  /** Undefined while nobody has changed it. */
  changed: z.optional(z.iso.datetime()),
  by: z.optional(z.string()),
  /** 0 while nobody has changed it. */
  position: z.int(),
});
export type SettingRow = z.infer<typeof settingRow>;
export const settingsResponse = z.object({ settings: z.array(settingRow) });

/** `POST /control/v1/settings/{id}`. */
export const settingChange = z.object({
  value: z.union([z.boolean(), z.number(), z.string().check(z.maxLength(500))]),
  reason: reasonText,
  expected: z.int(),
});
export type SettingChange = z.infer<typeof settingChange>;

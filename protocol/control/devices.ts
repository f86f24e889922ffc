import * as z from "zod/mini";
import { deviceZones } from "#defence/access/words.ts";
import { uuid } from "#domain/entry/entry.ts";
import { deviceStates, siteId } from "../device.ts";
import { pageOf, reasonText } from "./page.ts";

/** `GET /control/v1/devices`, one row. */
export const deviceRow = z.object({
  deviceId: uuid,
  name: z.string(),
  zone: z.enum(deviceZones),
  siteId: z.optional(z.string()),
  state: z.enum(deviceStates),
  changed: z.iso.datetime(),
  /** Of its last control line: what a change of it says in `expected`. */
  position: z.int(),
  /** When it was last heard of, and how many entries it then held that the log lacks. */
  heard: z.optional(z.iso.datetime()),
  lacks: z.optional(z.int()),
  /** Entries that it pushed after it was revoked, until somebody releases them. */
  waiting: z.optional(z.int()),
});
export type DeviceRow = z.infer<typeof deviceRow>;
export const devicesResponse = pageOf(deviceRow);

/** `POST /control/v1/devices/{deviceId}`. Lost, stolen and retired read no more; what they push waits for release. */
export const deviceChange = z.object({
  state: z.enum(["active", "lost", "stolen", "retired"]),
  reason: reasonText,
  expected: z.int(),
});
export type DeviceChange = z.infer<typeof deviceChange>;

/** `POST /control/v1/devices/{deviceId}/release`: what it pushed after it was revoked is decided anew. */
export const deviceRelease = z.object({ reason: reasonText, expected: z.int() });
/** `left`: those that stay where they are, with how many there are of each code. */
export const releaseResponse = z.object({ released: z.int(), left: z.record(z.string(), z.int()) });
export type ReleaseResponse = z.infer<typeof releaseResponse>;

export const codeHoursMax = 24 * 14;
/** `POST /control/v1/codes`: a one-time code for a new device. A screen's names its site. */
export const codeRequest = z.object({
  zone: z.enum(deviceZones),
  siteId: z.optional(siteId),
  deviceName: z.string().check(z.trim(), z.minLength(2), z.maxLength(100)),
  hours: z.int().check(z.minimum(1), z.maximum(codeHoursMax)),
});
export type CodeRequest = z.infer<typeof codeRequest>;
/** The code is told once: only its hash is kept. */
export const codeResponse = z.object({ code: z.string(), deviceName: z.string(), expiresAt: z.iso.datetime() });
export type CodeResponse = z.infer<typeof codeResponse>;

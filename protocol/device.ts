import { site } from "#domain/handover/handover.ts";

/** `suspended`: a clone was seen. Only `active` devices read; what the others push is quarantined until the desk releases it. */
export const deviceStates = ["active", "suspended", "lost", "stolen", "retired"] as const;
export type DeviceState = (typeof deviceStates)[number];

/** Names a hospital's department. */
export const siteId = site.shape.siteId;

import { ingest } from "./ingest.ts";
import type { Bench } from "./measurement.ts";

/** Every group of measurements; each can be run alone by its name. */
export const benches: Record<string, Bench> = { ingest };

import { ack, poke } from "./acks.ts";
import { ingest } from "./ingest.ts";
import type { Bench } from "./measurement.ts";
import { fhir, pull } from "./reads.ts";

/** Every group of measurements; each can be run alone by its name. */
export const benches: Record<string, Bench> = { ingest, ack, poke, pull, fhir };

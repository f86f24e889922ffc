import { access } from "./access.ts";
import { ack, poke } from "./acks.ts";
import { archive } from "./archive.ts";
import { evidence } from "./evidence.ts";
import { film } from "./film.ts";
import { foldBench } from "./fold.ts";
import { growth } from "./growth.ts";
import { ingest } from "./ingest.ts";
import type { Bench } from "./measurement.ts";
import { memory, start } from "./process.ts";
import { fhir, pull } from "./reads.ts";
import { restoreBench } from "./restore.ts";
import { storm } from "./storm.ts";
import { tablet } from "./tablet.ts";
import { verifyBench } from "./verify.ts";

/** Every group of measurements; each can be run alone by its name. */
export const benches: Record<string, Bench> = {
  ingest,
  ack,
  poke,
  pull,
  storm,
  growth,
  fhir,
  access,
  fold: foldBench,
  memory,
  start,
  tablet,
  film,
  archive,
  verify: verifyBench,
  evidence,
  restore: restoreBench,
};

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** What a running server counts. One per server, so that several in one process (tests) do not mix. */
export interface Metrics {
  registry: Registry;
  requests: Counter<"zone" | "method" | "route" | "status">;
  requestSeconds: Histogram<"zone" | "route">;
  inFlight: Gauge<"zone">;
  sockets: Gauge<"zone">;
  answers: Counter<"trust" | "answer">;
  securityEvents: Counter<"trust" | "code">;
  projectionFailures: Counter<"trust">;
  proofProblems: Gauge<"trust">;
  proofTime: Gauge<"trust">;
  archiveLagSeconds: Histogram<"trust" | "log">;
  archiveBlobsWaiting: Gauge<"trust">;
  archiveFaults: Counter<"trust" | "log" | "fault">;
  standbyFaults: Counter<"trust" | "log" | "fault">;
  rehearsalTime: Gauge<"trust">;
  rehearsalFailed: Gauge<"trust">;
  cosignedSize: Gauge<"trust" | "log">;
  witnessFaults: Counter<"trust" | "log" | "fault" | "witness">;
}

export const createMetrics = (): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const name = (short: string) => `holdfast_${short}`;
  return {
    registry,
    requests: new Counter({
      name: name("requests_total"),
      help: "Requests answered",
      labelNames: ["zone", "method", "route", "status"],
      registers,
    }),
    requestSeconds: new Histogram({
      name: name("request_seconds"),
      help: "Time to answer, seconds",
      labelNames: ["zone", "route"],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    inFlight: new Gauge({ name: name("in_flight"), help: "Requests being worked on", labelNames: ["zone"], registers }),
    sockets: new Gauge({ name: name("sockets"), help: "Open WebSockets", labelNames: ["zone"], registers }),
    answers: new Counter({
      name: name("push_answers_total"),
      help: "Entries answered",
      labelNames: ["trust", "answer"],
      registers,
    }),
    securityEvents: new Counter({
      name: name("security_events_total"),
      help: "Entries whose identity or chain was contradicted",
      labelNames: ["trust", "code"],
      registers,
    }),
    archiveLagSeconds: new Histogram({
      name: name("archive_lag_seconds"),
      help: "How long the oldest line of a sealed segment had waited, seconds",
      labelNames: ["trust", "log"],
      buckets: [0.5, 1, 2, 5, 10, 30, 60, 300],
      registers,
    }),
    archiveBlobsWaiting: new Gauge({
      name: name("archive_blobs_waiting"),
      help: "Whole blobs that are not in the archive yet",
      labelNames: ["trust"],
      registers,
    }),
    archiveFaults: new Counter({
      name: name("archive_faults_total"),
      help: "Times that a log, or the blobs, could not be sealed into the archive",
      labelNames: ["trust", "log", "fault"],
      registers,
    }),
    standbyFaults: new Counter({
      name: name("standby_faults_total"),
      help: "Times that a standby could not read a log, or the blobs, any further in the archive",
      labelNames: ["trust", "log", "fault"],
      registers,
    }),
    proofProblems: new Gauge({
      name: name("proof_problems"),
      help: "What the last proof of the logs found wrong; more than 0 is an alarm",
      labelNames: ["trust"],
      registers,
    }),
    proofTime: new Gauge({
      name: name("proof_timestamp_seconds"),
      help: "When the logs were last proved; older than two days is an alarm",
      labelNames: ["trust"],
      registers,
    }),
    rehearsalTime: new Gauge({
      name: name("rehearsal_timestamp_seconds"),
      help: "When a standby last restored the archive and compared it with itself; older than two days is an alarm",
      labelNames: ["trust"],
      registers,
    }),
    rehearsalFailed: new Gauge({
      name: name("rehearsal_failed"),
      help: "Whether that restore, or what it was compared with, was not good; 1 is an alarm",
      labelNames: ["trust"],
      registers,
    }),
    cosignedSize: new Gauge({
      name: name("cosigned_lines"),
      help: "Lines of a log under the last head that every witness has signed",
      labelNames: ["trust", "log"],
      registers,
    }),
    witnessFaults: new Counter({
      name: name("witness_faults_total"),
      help: "Times that a witness did not sign a head, or the letterbox did not keep one; ahead and inconsistent are an attack",
      labelNames: ["trust", "log", "fault", "witness"],
      registers,
    }),
    projectionFailures: new Counter({
      name: name("projection_failures_total"),
      help: "Rows of a projection left as they were because they could not be computed",
      labelNames: ["trust"],
      registers,
    }),
  };
};

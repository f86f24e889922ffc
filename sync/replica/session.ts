import type { ServerState } from "#protocol/server-state.ts";
import type { ServerOffset } from "../chain.ts";
import type { Clock, DeviceSigner, HashText, Random, Transport } from "../ports.ts";
import type { ReplicaStore } from "../store.ts";
import { ChangedTexts } from "./changed.ts";
import type { ReplicaEvent, ReplicaFinding, ReplicaLimits, ReplicaParts } from "./types.ts";

const findingsMax = 100;

/** What one life of a replica remembers between rounds. Losing it costs time, never an entry. */
export class Session {
  readonly store: ReplicaStore;
  readonly transport: Transport;
  readonly signer: DeviceSigner;
  readonly hash: HashText;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: ReplicaLimits;
  readonly texts: ChangedTexts;
  readonly findings: ReplicaFinding[] = [];
  /** Record id → how many follow it. */
  readonly followed = new Map<string, number>();
  readonly poked = new Set<string>();
  /** Entry id → rounds to leave it out, because the server could not take it; it waits, and delays no other. */
  readonly aside = new Map<string, { rounds: number; bytes: number }>();
  /** Entry id → how often the server could not take it. */
  readonly failures = new Map<string, number>();
  server: ServerState | undefined;
  serverOffset: ServerOffset | undefined;
  /** Server's time in its newest answer, ms. */
  serverTimeMs: number | undefined;
  lastContactMs: number | null = null;
  /** The newest answer's. */
  standby: { asOf: string | null } | null = null;
  /** Entries in the next message; shrinks when the server cannot read one, or none got through in time. */
  batchMax: number;
  /** Lines asked for in the next page; shrinks likewise. */
  linesMax: number;
  /** The server asked for the urgent lane alone. */
  urgentOnly = false;
  private readonly emit: (event: ReplicaEvent) => void;

  constructor(parts: ReplicaParts, limits: ReplicaLimits, emit: (event: ReplicaEvent) => void) {
    this.store = parts.store;
    this.transport = parts.transport;
    this.signer = parts.signer;
    this.hash = parts.hash;
    this.clock = parts.clock;
    this.random = parts.random;
    this.limits = limits;
    this.batchMax = limits.pushEntriesMax;
    this.linesMax = limits.pullLinesMax;
    this.texts = new ChangedTexts(parts.hash);
    this.emit = emit;
  }

  tell(event: ReplicaEvent): void {
    this.emit(event);
  }

  found(finding: ReplicaFinding): void {
    if (this.findings.some((f) => f.code === finding.code && f.id === finding.id)) return;
    this.findings.push(finding);
    if (this.findings.length > findingsMax) this.findings.shift();
    this.emit({ type: "finding", finding });
  }

  /** Highest epoch seen; −1 before any. */
  epochSeen(): number {
    return this.server?.epoch ?? -1;
  }
}

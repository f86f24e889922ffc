import type { Rule } from "#defence/access/rules.ts";
import type { ServerConfig } from "../config.ts";
import type { Proofs } from "../identity/dpop.ts";
import type { AccessLog } from "../logs/access-log.ts";
import type { Metrics } from "../metrics.ts";
import type { Cluster } from "../postgres/cluster.ts";
import type { KeyRing } from "../sealing/key-ring.ts";

/** What a cell is opened with. */
export interface CellParts {
  config: ServerConfig;
  cluster: Cluster;
  metrics: Metrics;
  trust: { trust: string; name: string };
  /** An identity or a chain was contradicted; the rest of the event says where. Holds ids only. */
  onSecurityEvent(trust: string, event: { code: string; deviceId: string }): void;
  /** For tests that show what sealing and proofs are worth. */
  keyRing?: KeyRing;
  /** For a test that shows what waiting for the commit is worth, and for the measurement of what it costs. */
  accessLog?: (log: AccessLog) => AccessLog;
  proofs?: Proofs;
  /** For a test that plants a hole in the policy. */
  rules?: readonly Rule[];
}

import type { FastifyInstance } from "fastify";
import type { Cells } from "../../http/cell-host.ts";
import { accessRoutes } from "./access-routes.ts";
import { codeRoutes } from "./code-routes.ts";
import { connectionRoutes } from "./connection-routes.ts";
import { deviceRoutes } from "./device-routes.ts";
import { disposalRoutes } from "./disposal-routes.ts";
import { leftOutRoutes } from "./left-out-routes.ts";
import { noticeRoutes } from "./notice-routes.ts";
import { outageRoutes } from "./outage-routes.ts";
import { paperEntryRoutes } from "./paper-entry-routes.ts";
import { paperFormRoutes } from "./paper-form-routes.ts";
import { paperPackRoutes } from "./paper-pack-routes.ts";
import { peopleRoutes } from "./people-routes.ts";
import { proofRoutes } from "./proof-routes.ts";
import { proposalRoutes } from "./proposal-routes.ts";
import { recordRoutes } from "./record-routes.ts";
import { reviewRoutes } from "./review-routes.ts";
import { sessionRoutes } from "./session-routes.ts";
import { settingsRoutes } from "./settings-routes.ts";
import { standbyRoutes } from "./standby-routes.ts";
import { timelineRoutes } from "./timeline-routes.ts";

/**
 * `/control/v1`: the trust's own desk. Every answer leaves after its access line, and every change says who and why. `careOrigin`: where a trust's FHIR is
 * served, which an exported list and another system are pointed to.
 */
export const controlRoutes = (app: FastifyInstance, cells: Cells, careOrigin: (trust: string) => string): void => {
  app.addHook("onSend", (_request, reply, payload, done) => {
    reply.header("cache-control", "no-store");
    done(null, payload);
  });
  deviceRoutes(app, cells);
  codeRoutes(app, cells);
  peopleRoutes(app, cells);
  sessionRoutes(app, cells);
  reviewRoutes(app, cells);
  recordRoutes(app, cells);
  disposalRoutes(app, cells);
  proposalRoutes(app, cells);
  accessRoutes(app, cells, careOrigin);
  settingsRoutes(app, cells);
  connectionRoutes(app, cells, careOrigin);
  paperPackRoutes(app, cells);
  paperFormRoutes(app, cells);
  paperEntryRoutes(app, cells);
  noticeRoutes(app, cells);
  proofRoutes(app, cells);
  leftOutRoutes(app, cells);
  standbyRoutes(app, cells);
  outageRoutes(app, cells);
  timelineRoutes(app, cells);
};

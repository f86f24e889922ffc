import type { FastifyBaseLogger } from "fastify";
import type { Rule } from "#defence/access/rules.ts";
import { type Cell, openCell } from "./cell.ts";
import type { ServerConfig } from "./config.ts";
import type { DeclaredRoute } from "./http/authorize.ts";
import { openCertificates } from "./http/certificates.ts";
import { listenOn } from "./http/listen.ts";
import type { Listener } from "./http/listener.ts";
import type { Proofs } from "./identity/dpop.ts";
import type { AccessLog } from "./logs/access-log.ts";
import { createMetrics } from "./metrics.ts";
import { pageRoutes } from "./pages/page-routes.ts";
import { type Cluster, openCluster } from "./postgres/cluster.ts";
import type { EmbeddedOptions } from "./postgres/embedded.ts";
import type { KeyRing } from "./sealing/key-ring.ts";
import { type CellZone, trusts, type Zone, zones } from "./trusts.ts";
import { createAppListener, type Endpoint } from "./zones/app/app-listener.ts";
import { arrivalsRoutes } from "./zones/care/arrivals-routes.ts";
import { fhirRoutes } from "./zones/care/fhir-routes.ts";
import { siteRecordAccess } from "./zones/care/site-record-access.ts";
import { tokenRoutes } from "./zones/care/token-routes.ts";
import { careRules } from "./zones/care/zone.ts";
import { accessRoutes } from "./zones/cell/access-routes.ts";
import { blobRoutes } from "./zones/cell/blob-routes.ts";
import { createCellListener } from "./zones/cell/cell-listener.ts";
import { findRoutes } from "./zones/cell/find-routes.ts";
import { heartbeatRoutes } from "./zones/cell/heartbeat-routes.ts";
import { identityRoutes } from "./zones/cell/identity-routes.ts";
import { type PokeSockets, pokeRoutes } from "./zones/cell/poke-routes.ts";
import { signServers } from "./zones/cell/server-list.ts";
import { sessionRoutes } from "./zones/cell/session-routes.ts";
import { signInRoutes } from "./zones/cell/sign-in-routes.ts";
import { type SyncRules, syncRoutes } from "./zones/cell/sync-routes.ts";
import { controlRoutes } from "./zones/control/zone.ts";
import { crewRules } from "./zones/crew/zone.ts";

export interface RunningServer {
  /** Origins as a browser addresses them. */
  addresses: { tablet: string; hospital: string; control: string; cells: Endpoint[] };
  /** The ports that were bound; 0 for a zone that is not run here. */
  ports: Record<Zone, number>;
  cells: ReadonlyMap<string, Cell>;
  /** Called when the officers made this standby the base of a trust: it has to be started again, to serve as one. */
  onPromoted(listener: () => void): void;
  /** Every route of every zone, as the routers hold them. */
  routes(): readonly ZoneRoute[];
  /** Finishes what runs, says goodbye to sockets, closes the database. */
  close(): Promise<void>;
}

export interface ZoneRoute extends DeclaredRoute {
  zone: Zone;
}

/** For tests and measurements only. */
export interface ServerSeams {
  embedded?: EmbeddedOptions;
  keyRing?: (trust: string) => KeyRing;
  proofs?: () => Proofs;
  rules?: readonly Rule[];
  accessLog?: (log: AccessLog) => AccessLog;
}

/** Longest that a stop waits for requests to end, ms. */
const drainMsMax = 10_000;

/** Boots everything: database, cells, zones. Throws SetupProblem when something outside has to be put right first. */
export const startServer = async (config: ServerConfig, seams: ServerSeams = {}): Promise<RunningServer> => {
  let log: FastifyBaseLogger | undefined;
  // Files alone need no database, and its process knows no password.
  const hasCells = config.zones.some((zone) => zone !== "app");
  const share = config.zones.length < zones.length;
  const certificates =
    config.tlsDirectory === undefined
      ? undefined
      : openCertificates(config.tlsDirectory, (message) => log?.error({ message }, "certificates"));
  const cluster = hasCells ? await openCluster(config, { share, ...seams.embedded }) : undefined;
  const metrics = createMetrics();
  const cells = new Map<string, Cell>();
  const listeners = new Map<Zone, Listener>();
  const listenerParts = { config, metrics, tls: certificates?.options };
  const sockets: PokeSockets[] = [];
  const ports: Record<Zone, number> = { app: 0, crew: 0, care: 0, control: 0 };

  const close = async (): Promise<void> => {
    for (const { drain } of listeners.values()) drain();
    for (const each of sockets) each.bye("stopping");
    const closed = Promise.all([...listeners.values()].map(({ app }) => app.close()));
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, drainMsMax).unref())]);
    await Promise.all([...cells.values()].map((cell) => cell.close()));
    await cluster?.stop();
    certificates?.close();
  };

  // A zone that another process runs is where the settings say.
  const scheme = config.tlsDirectory === undefined ? "http" : "https";
  const originOf = (zone: Zone, label: string): string =>
    `${scheme}://${label}.${zone === "app" ? config.appDomain : config.domain}:${ports[zone] || config.ports[zone]}`;
  const appOrigins = () => [originOf("app", "tablet"), originOf("app", "hospital"), originOf("app", "control")];
  const endpoints = (): Endpoint[] =>
    trusts.map(({ trust, name }) => ({
      trust,
      name,
      crew: originOf("crew", `crew.${trust}`),
      care: originOf("care", `care.${trust}`),
      control: originOf("control", `control.${trust}`),
      ...(config.standbyAt && { standby: standbyOf(trust, config.standbyAt) }),
    }));
  const standbyOf = (trust: string, { domain, ports }: NonNullable<ServerConfig["standbyAt"]>) => ({
    crew: `${scheme}://crew.${trust}.${domain}:${ports.crew}`,
    care: `${scheme}://care.${trust}.${domain}:${ports.care}`,
    control: `${scheme}://control.${trust}.${domain}:${ports.control}`,
  });
  const servers = signServers((trust) => {
    const standby = config.standbyAt && standbyOf(trust, config.standbyAt);
    const both = (zone: CellZone) => [originOf(zone, `${zone}.${trust}`), ...(standby ? [standby[zone]] : [])];
    return { crew: both("crew"), care: both("care"), control: both("control") };
  });

  const listen = async (zone: Zone, listener: Listener): Promise<void> => {
    listeners.set(zone, listener);
    log ??= listener.app.log;
    const todo = `set HOLDFAST_${zone.toUpperCase()}_PORT to another port (0 is any free one)`;
    const at = { host: config.bind, port: config.ports[zone], who: `the zone ${zone}`, todo };
    ports[zone] = await listenOn(listener.app, at);
  };

  const startCellZone = async (rules: SyncRules, more?: (listener: Listener) => void): Promise<void> => {
    const { zone } = rules;
    if (!config.zones.includes(zone)) return;
    const listener = await createCellListener(zone, listenerParts, cells, appOrigins);
    identityRoutes(listener.app, zone, cells, servers);
    sessionRoutes(listener.app, zone, cells);
    heartbeatRoutes(listener.app, zone, cells, servers);
    syncRoutes(listener.app, rules, cells, metrics);
    blobRoutes(listener.app, rules, cells);
    accessRoutes(listener.app, rules, cells);
    findRoutes(listener.app, rules, cells);
    const onCount = (count: number) => metrics.sockets.set({ zone }, count);
    sockets.push(pokeRoutes(listener.app, rules, cells, config.socketsMax, onCount));
    more?.(listener);
    await listen(zone, listener);
  };

  try {
    const onSecurityEvent = (trust: string, event: object) => log?.warn({ trust, ...event }, "security event");
    const openCells = async (cluster: Cluster): Promise<void> => {
      const opened = await Promise.allSettled(
        trusts.map(async (trust) => {
          const keyRing = seams.keyRing?.(trust.trust);
          const parts = {
            config,
            cluster,
            metrics,
            trust,
            onSecurityEvent,
            ...(keyRing && { keyRing }),
            ...(seams.proofs && { proofs: seams.proofs() }),
            ...(seams.rules && { rules: seams.rules }),
            ...(seams.accessLog && { accessLog: seams.accessLog }),
          };
          cells.set(trust.trust, await openCell(parts));
        }),
      );
      // Only now, so that the cells that did open are known, and closed.
      for (const each of opened) if (each.status === "rejected") throw each.reason;
    };
    if (cluster !== undefined) await openCells(cluster);
    await startCellZone(crewRules, ({ app }) => signInRoutes(app, "crew", cells, appOrigins));
    await startCellZone(careRules, ({ app }) => {
      signInRoutes(app, "care", cells, appOrigins);
      arrivalsRoutes(app, cells);
      const deps = siteRecordAccess(cells);
      tokenRoutes(app, cells);
      fhirRoutes(app, deps);
      pageRoutes(app, deps);
    });
    if (config.zones.includes("control")) {
      const listener = await createCellListener("control", listenerParts, cells, appOrigins);
      identityRoutes(listener.app, "control", cells, servers);
      sessionRoutes(listener.app, "control", cells);
      heartbeatRoutes(listener.app, "control", cells, servers);
      signInRoutes(listener.app, "control", cells, appOrigins);
      controlRoutes(listener.app, cells, (trust) => originOf("care", `care.${trust}`));
      await listen("control", listener);
    }
    if (config.zones.includes("app")) await listen("app", await createAppListener(listenerParts, endpoints()));
  } catch (error) {
    await close();
    throw error;
  }
  const [tablet, hospital, control] = appOrigins();
  const addresses = { tablet: tablet!, hospital: hospital!, control: control!, cells: endpoints() };
  const routes = () => [...listeners].flatMap(([zone, each]) => each.routes.map((route) => ({ zone, ...route })));
  const onPromoted = (listener: () => void): void => {
    for (const { bus } of cells.values()) bus.on("promoted", listener);
  };
  return { addresses, ports, cells, onPromoted, routes, close };
};

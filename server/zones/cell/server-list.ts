import type { SignedStatement } from "#protocol/grants.ts";
import type { ServerList } from "#protocol/servers.ts";
import type { Cell } from "../../cell.ts";

/** What a trust says of where its servers answer, signed. */
export type ServersOf = (cell: Pick<Cell, "trust" | "issuer">) => SignedStatement;

/** `origins`: of each zone of a trust, the base's and then the standby's. */
export const signServers =
  (origins: (trust: string) => Pick<ServerList, "crew" | "care" | "control">): ServersOf =>
  ({ trust, issuer }) =>
    issuer.sign({ type: "servers", trust, made: new Date().toISOString(), ...origins(trust) } satisfies ServerList);

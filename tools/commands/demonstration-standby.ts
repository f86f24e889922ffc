import { join } from "node:path";
import type { ServerConfig } from "#server/config.ts";
import type { DemonstrationLetterbox } from "./demonstration-letterbox.ts";
import { type OwnProcess, startProcess } from "./own-process.ts";

/** The demonstration's standby, in a process of its own with a PostgreSQL of its own. In earnest it is another machine. */
export const startDemonstrationStandby = (
  { ports, standbyAt, domain }: ServerConfig,
  letterbox: DemonstrationLetterbox,
): Promise<OwnProcess<unknown>> => {
  const at = standbyAt!.ports;
  const settings = {
    HOLDFAST_DATA: letterbox.standby,
    HOLDFAST_LETTERBOX: letterbox.address,
    HOLDFAST_DOMAIN: domain,
    HOLDFAST_APP_PORT: String(ports.app),
    HOLDFAST_CREW_PORT: String(at.crew),
    HOLDFAST_CARE_PORT: String(at.care),
    HOLDFAST_CONTROL_PORT: String(at.control),
    // Whatever the base is told of these is the base's.
    DATABASE_URL: "",
    HOLDFAST_STANDBY: "",
    HOLDFAST_WITNESSES: "",
  };
  return startProcess(["standby"], settings, join(letterbox.standby, "postgres"));
};

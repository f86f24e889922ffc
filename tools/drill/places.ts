import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { initArchive } from "#server/archive/init.ts";
import type { CellZone } from "#server/trusts.ts";
import { freePort } from "./processes.ts";

/** The trust that is attacked, and the one that goes on beside it: with a base of its own, and the same letterbox and standby. */
export const attacked = "northmoor";
export const other = "westvale";

export type Ports = Record<CellZone, number>;

/** Folders and ports of everything that takes part. In earnest each folder is another machine or a safe. */
export interface Places {
  folder: string;
  base: string;
  otherBase: string;
  letterbox: string;
  standby: string;
  officers: string;
  witness: string;
  /** The base's data as it was when it was killed; made then. */
  copy: string;
  /** What is restored into; empty until then. */
  restored: string;
  ports: { base: Ports; otherBase: Ports; standby: Ports; letterbox: number; witness: number };
}

const freePorts = async (): Promise<Ports> => ({
  crew: await freePort(),
  care: await freePort(),
  control: await freePort(),
});

/** Makes the folders below `folder`, with the archive's keys in them. */
export const makePlaces = async (folder: string): Promise<Places> => {
  const at = (name: string): string => join(folder, name);
  const places = {
    folder,
    ...{ base: at("base"), otherBase: at("other-base"), letterbox: at("letterbox"), standby: at("standby") },
    ...{ officers: at("officers"), witness: at("witness"), copy: at("copy"), restored: at("restored") },
  };
  const { letterbox, standby, officers } = places;
  await initArchive({ base: places.base, letterbox, standby, officers }, [attacked]);
  await initArchive({ base: places.otherBase, letterbox, standby, officers }, [other]);
  // A base opens a cell of every trust, and seals each; the letterbox takes nothing of it for a trust whose log key it has not.
  for (const [to, from, trust] of [
    [places.base, places.otherBase, other],
    [places.otherBase, places.base, attacked],
  ] as const) {
    const recipients = (data: string): string => join(data, "keys", `${trust}.recipients`);
    mkdirSync(join(to, "keys"), { recursive: true });
    copyFileSync(recipients(from), recipients(to));
  }
  const ports = {
    ...{ base: await freePorts(), otherBase: await freePorts(), standby: await freePorts() },
    ...{ letterbox: await freePort(), witness: await freePort() },
  };
  return { ...places, ports };
};

/** A server's settings of its ports. */
export const portSettings = ({ crew, care, control }: Ports): Record<string, string> => ({
  HOLDFAST_CREW_PORT: String(crew),
  HOLDFAST_CARE_PORT: String(care),
  HOLDFAST_CONTROL_PORT: String(control),
});

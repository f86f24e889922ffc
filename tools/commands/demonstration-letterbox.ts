import { existsSync } from "node:fs";
import { join } from "node:path";
import { initArchive } from "#server/archive/init.ts";
import type { ServerConfig } from "#server/config.ts";
import { keyFiles } from "#server/sealing/trust-key.ts";
import { trusts } from "#server/trusts.ts";
import { startProcess } from "./own-process.ts";

/**
 * The demonstration's letterbox and witness, each in a process of its own. In earnest they are other machines, the witness is somebody
 * else's, and the officers' shares are on paper.
 */
export interface DemonstrationLetterbox {
  address: string;
  directory: string;
  /** As HOLDFAST_WITNESSES names it. */
  witness: string;
  /** HOLDFAST_DATA of the standby. */
  standby: string;
  close(): Promise<void>;
}

/** Beside the base's data, because nobody demonstrates on five machines. */
export const startDemonstrationLetterbox = async ({ dataDirectory }: ServerConfig): Promise<DemonstrationLetterbox> => {
  const elsewhere = (name: string): string => join(dataDirectory, "elsewhere", name);
  const places = {
    base: dataDirectory,
    letterbox: elsewhere("letterbox"),
    standby: elsewhere("standby"),
    officers: elsewhere("officers"),
  };
  const without = trusts
    .map(({ trust }) => trust)
    .filter((trust) => !existsSync(keyFiles(dataDirectory, trust).recipients));
  if (without.length > 0) await initArchive(places, without);
  const logKeys = trusts.flatMap(({ trust }) => ["--log-key", join(places.officers, `${trust}.log-key`)]);
  const anyPort = ["--port", "0"];
  const starting = [
    startProcess<{ port: number }>(["letterbox", "--data", places.letterbox, ...anyPort]),
    startProcess<{ port: number; verifier: string }>([
      "witness",
      "--data",
      elsewhere("witness"),
      ...logKeys,
      ...anyPort,
    ]),
  ] as const;
  const [letterbox, witness] = await Promise.all(starting).catch(async (error) => {
    for (const each of await Promise.allSettled(starting)) if (each.status === "fulfilled") await each.value.close();
    throw error;
  });
  return {
    address: `http://127.0.0.1:${letterbox.said.port}`,
    directory: places.letterbox,
    witness: `${witness.said.verifier}@http://127.0.0.1:${witness.said.port}`,
    standby: places.standby,
    close: async () => {
      await Promise.all([witness.close(), letterbox.close()]);
    },
  };
};

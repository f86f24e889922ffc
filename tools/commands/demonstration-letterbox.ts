import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ServerConfig } from "#server/config.ts";
import { witnessKey, witnessNameDefault } from "#server/heads/witness-key.ts";
import { keyFiles } from "#server/sealing/trust-key.ts";
import { trusts } from "#server/trusts.ts";
import { freePorts } from "./demonstration-ports.ts";
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
  /** The base need not wait for it: what it writes until then is sealed a moment later. */
  start(): Promise<{ close(): Promise<void> }>;
}

/** Makes their keys, where there are none, and says where they will be: beside the base's data, because nobody demonstrates on five machines. */
export const placeDemonstrationLetterbox = async ({ dataDirectory }: ServerConfig): Promise<DemonstrationLetterbox> => {
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
  if (without.length > 0) {
    const { initArchive } = await import("#server/archive/init.ts");
    await initArchive(places, without);
  }
  const [port, witnessPort] = (await freePorts([0, 0])) as [number, number];
  const { verifier } = witnessKey(elsewhere("witness"), witnessNameDefault);
  return {
    address: `http://127.0.0.1:${port}`,
    directory: places.letterbox,
    witness: `${verifier}@http://127.0.0.1:${witnessPort}`,
    standby: places.standby,
    start: async () => {
      const logKeys = trusts.flatMap(({ trust }) => ["--log-key", join(places.officers, `${trust}.log-key`)]);
      const atWitness = ["--data", elsewhere("witness"), "--port", String(witnessPort)];
      const starting = [
        startProcess(["letterbox", "--data", places.letterbox, "--port", String(port)]),
        startProcess(["witness", ...atWitness, ...logKeys]),
      ];
      const closeAll = async (): Promise<void> => {
        for (const each of await Promise.allSettled(starting))
          if (each.status === "fulfilled") await each.value.close();
      };
      await Promise.all(starting).catch(async (error) => {
        await closeAll();
        throw error;
      });
      return { close: closeAll };
    },
  };
};

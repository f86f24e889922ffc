import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { initArchive } from "#server/archive/init.ts";
import { type ServerConfig, SetupProblem } from "#server/config.ts";
import { keyFiles } from "#server/sealing/trust-key.ts";
import { trusts } from "#server/trusts.ts";

/** The demonstration's letterbox, in a process of its own. In earnest it is another machine, and the officers' shares are on paper. */
export interface DemonstrationLetterbox {
  address: string;
  directory: string;
  close(): Promise<void>;
}

/** Beside the base's data, because nobody demonstrates on four machines. */
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
  const script = fileURLToPath(new URL("../holdfast.ts", import.meta.url));
  const args = [script, "letterbox", "--data", places.letterbox, "--port", "0", "--json"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const port = await portOf(child);
  return {
    address: `http://127.0.0.1:${port}`,
    directory: places.letterbox,
    close: async () => {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
};

const portOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    let said = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes("\n")) resolve(Number(JSON.parse(said).port));
    });
    child.once("exit", (code) =>
      reject(new SetupProblem("no-letterbox", `The letterbox ended with ${code}.`, "read the lines above.")),
    );
  });

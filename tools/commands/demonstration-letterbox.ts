import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { initArchive } from "#server/archive/init.ts";
import { type ServerConfig, SetupProblem } from "#server/config.ts";
import { keyFiles } from "#server/sealing/trust-key.ts";
import { trusts } from "#server/trusts.ts";

/**
 * The demonstration's letterbox and witness, each in a process of its own. In earnest they are other machines, the witness is somebody
 * else's, and the officers' shares are on paper.
 */
export interface DemonstrationLetterbox {
  address: string;
  directory: string;
  /** As HOLDFAST_WITNESSES names it. */
  witness: string;
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
  const logKeys = trusts.flatMap(({ trust }) => ["--log-key", join(places.officers, `${trust}.log-key`)]);
  const letterbox = await startProcess(["letterbox", "--data", places.letterbox]);
  const witness = await startProcess(["witness", "--data", elsewhere("witness"), ...logKeys]).catch(async (error) => {
    await letterbox.close();
    throw error;
  });
  return {
    address: `http://127.0.0.1:${letterbox.said.port}`,
    directory: places.letterbox,
    witness: `${witness.said.verifier}@http://127.0.0.1:${witness.said.port}`,
    close: async () => {
      await witness.close();
      await letterbox.close();
    },
  };
};

interface Said {
  port: number;
  verifier?: string;
}

const startProcess = async (verb: readonly string[]): Promise<{ said: Said; close(): Promise<void> }> => {
  const script = fileURLToPath(new URL("../holdfast.ts", import.meta.url));
  const args = [script, ...verb, "--port", "0", "--json"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  return {
    said: await firstLineOf(child, verb[0]!),
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
};

const firstLineOf = (child: ChildProcess, what: string): Promise<Said> =>
  new Promise((resolve, reject) => {
    let said = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes("\n")) resolve(JSON.parse(said) as Said);
    });
    child.once("exit", (code) =>
      reject(new SetupProblem(`no-${what}`, `The ${what} ended with ${code}.`, "read the lines above.")),
    );
  });

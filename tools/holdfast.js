#!/usr/bin/env node
// `npx holdfast` runs on whatever Node is there; the commands need Node 24, which npm installed beside us.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const node24 = fileURLToPath(new URL("../node_modules/.bin/node", import.meta.url));
const node = existsSync(node24) ? node24 : process.execPath;
const script = fileURLToPath(new URL("holdfast.ts", import.meta.url));
// Compiled modules are kept between runs: half the time to start.
const env = { NODE_COMPILE_CACHE: fileURLToPath(new URL("../.cache/compile", import.meta.url)), ...process.env };
const child = spawn(node, [script, ...process.argv.slice(2)], { stdio: "inherit", env });
// The terminal sends Ctrl-C to both; the command ends in its own time and we with it.
for (const signal of ["SIGINT", "SIGTERM"])
  process.on(signal, () => {
    if (signal === "SIGTERM") child.kill(signal);
  });
child.on("error", (error) => {
  console.error(`holdfast: ${error.message}\n  What to do: run \`npm ci\` in the project first.`);
  process.exit(1);
});
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));

import { SetupProblem } from "#server/config.ts";
import { archiveCommand } from "./commands/archive.ts";
import { drillCommand } from "./commands/drill.ts";
import { evidenceCommand } from "./commands/evidence.ts";
import { journalCommand } from "./commands/journal.ts";
import { keysCommand } from "./commands/keys.ts";
import { letterboxCommand } from "./commands/letterbox.ts";
import { paperCommand } from "./commands/paper.ts";
import { promoteCommand } from "./commands/promote.ts";
import { rebuildCommand } from "./commands/rebuild.ts";
import { restoreCommand } from "./commands/restore.ts";
import { sealCommand } from "./commands/seal.ts";
import { serveCommand } from "./commands/serve.ts";
import { standbyCommand } from "./commands/standby.ts";
import { timelineCommand } from "./commands/timeline.ts";
import { verifyCommand } from "./commands/verify.ts";
import { witnessCommand } from "./commands/witness.ts";

/** A verb of `npx holdfast`. Resolves with the exit code: 0 done, 1 failed, 2 wrongly called, 3 something to put right first. */
export interface Command {
  summary: string;
  help: string;
  run(args: string[]): Promise<number>;
}

const commands: Record<string, Command> = {
  serve: serveCommand,
  letterbox: letterboxCommand,
  standby: standbyCommand,
  witness: witnessCommand,
  archive: archiveCommand,
  restore: restoreCommand,
  promote: promoteCommand,
  journal: journalCommand,
  verify: verifyCommand,
  timeline: timelineCommand,
  evidence: evidenceCommand,
  rebuild: rebuildCommand,
  keys: keysCommand,
  seal: sealCommand,
  paper: paperCommand,
  drill: drillCommand,
};

const help = `holdfast <verb> [options]

${Object.entries(commands)
  .map(([verb, { summary }]) => `  ${verb.padEnd(10)} ${summary}`)
  .join("\n")}

\`holdfast <verb> --help\` tells more. Exit codes: 0 done, 1 failed, 2 wrongly called, 3 something to put right first.`;

/** What the command line says, done: the exit code. */
export const holdfast = async ([verb, ...args]: string[]): Promise<number> => {
  if (verb === undefined || verb === "--help" || verb === "help") {
    console.log(help);
    return verb === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, verb) ? commands[verb] : undefined;
  if (command === undefined) {
    console.error(`There is no verb "${verb}".\n\n${help}`);
    return 2;
  }
  if (args.includes("--help")) {
    console.log(command.help);
    return 0;
  }
  try {
    return await command.run(args);
  } catch (error) {
    if (error instanceof SetupProblem) {
      console.error(`holdfast ${verb}: ${error.message}`);
      return 3;
    }
    if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
      console.error(`holdfast ${verb}: ${error.message}\n\n${command.help}`);
      return 2;
    }
    console.error(error);
    return 1;
  }
};

if (import.meta.main) process.exitCode = await holdfast(process.argv.slice(2));

import { parseArgs } from "node:util";
import { hashOfCode, oneTimeCode } from "#server/identity/codes.ts";
import { sealAccounts } from "#server/identity/seal-accounts.ts";
import { trusts } from "#server/trusts.ts";
import type { Command } from "../holdfast.ts";
import { withControlLog } from "./with-trust.ts";

const deskCodeHours = 24;

export const sealCommand: Command = {
  summary: "prints new codes of a trust's two sealed accounts, and a code for its first desk",
  help: `holdfast seal <northmoor|westvale> [--desk]

Gives the trust's two break-glass accounts new codes and prints them; the codes of before open nothing any more. Print
them, seal them, and keep them in two safes. Run it again after one was opened. May run beside a server.

  --desk   also prints a code, good once and for ${deskCodeHours} hours, that makes a browser the trust's desk. A new trust's first
           people are added there by a sealed account

Exit codes: 0 done; 1 failed; 2 wrongly called; 3 something to put right first.
Settings: HOLDFAST_DATA, DATABASE_URL (see \`holdfast serve --help\`).`,
  run: async (args) => {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { desk: { type: "boolean" } } });
    const found = trusts.find(({ trust }) => trust === positionals[0]);
    if (found === undefined || positionals.length !== 1) {
      console.error(`Say which trust: ${trusts.map(({ trust }) => trust).join(" or ")}.`);
      return 2;
    }
    const { trust, name } = found;
    await withControlLog(trust, async (log) => {
      console.log(`${name}. These codes are shown once.`);
      for (const account of await sealAccounts(log, "holdfast seal")) console.log(`  ${account.name}  ${account.code}`);
      if (values.desk) {
        const code = oneTimeCode();
        const expiresAt = new Date(Date.now() + deskCodeHours * 3_600_000).toISOString();
        const state = { zone: "control", deviceName: "First desk", expiresAt };
        const id = hashOfCode(code);
        await log.append([{ kind: "enrolment-code", id, state, by: {}, reason: "holdfast seal", expected: 0 }]);
        console.log(`  Desk's code       ${code}  until ${expiresAt}`);
      }
    });
    return 0;
  },
};

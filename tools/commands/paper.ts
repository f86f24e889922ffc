import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { formsMax } from "#domain/paper/number.ts";
import type { Contact } from "#protocol/downtime.ts";
import { readConfig, SetupProblem } from "#server/config.ts";
import { type PaperPack, paperPackPdf } from "#server/pages/paper-pack.ts";
import { registerRanges, takeFromRange } from "#server/paper/machine-ranges.ts";
import { reservePack } from "#server/paper/packs.ts";
import { contactsSetting, contactsSettingId } from "#server/paper/subjects.ts";
import { trusts } from "#server/trusts.ts";
import type { Command } from "../holdfast.ts";
import { withControlLog } from "./with-trust.ts";

const formsDefault = 25;

export const paperCommand: Command = {
  summary: "prints a pack of downtime forms, each with a number that cannot clash",
  help: `holdfast paper --trust northmoor|westvale [--forms N] [--out FILE] [--no-base] [--json]

Writes a PDF: a cover to sign the pack out with, what to do and whom to call, and two pages for each form. Every form has a
number with check digits, in large print and as a QR. The pack's number is reserved in the control log before anything is printed.

  --trust     whose forms
  --forms     1 to ${formsMax}; ${formsDefault} by default
  --out       the file; paper-<pack>.pdf by default
  --no-base   for the day when there is no base to ask: the pack is of this machine's own range, kept in HOLDFAST_DATA/paper. The
              next run with the base makes it known; the desk can do the same from the pack's cover
  --json      prints one JSON line instead of a progress bar

Exit codes: 0 done; 1 failed; 2 wrongly called; 3 something to put right first.
Settings: HOLDFAST_DATA, DATABASE_URL (see \`holdfast serve --help\`).`,
  run: async (args) => {
    const { values } = parseArgs({
      args,
      options: {
        trust: { type: "string" },
        forms: { type: "string" },
        out: { type: "string" },
        "no-base": { type: "boolean" },
        json: { type: "boolean" },
      },
    });
    const found = trusts.find(({ trust }) => trust === values.trust);
    const forms = Number(values.forms ?? formsDefault);
    if (found === undefined || !Number.isInteger(forms) || forms < 1 || forms > formsMax) {
      console.error(
        found === undefined
          ? `Say which trust: --trust ${trusts.map(({ trust }) => trust).join(" or --trust ")}.`
          : `A pack has 1 to ${formsMax} forms.`,
      );
      return 2;
    }
    const config = readConfig(process.env);
    const file = join(config.dataDirectory, "paper", `${found.trust}.json`);
    const reserved = values["no-base"]
      ? takeAlone(file, found.letters, forms)
      : await takeFromBase(file, found.trust, found.letters, forms);
    const pack: PaperPack = { ...reserved, trustName: found.name, forms };
    const bar = values.json ? undefined : new SingleBar({ format: "{bar} {value}/{total} forms, {eta} s left" });
    bar?.start(forms, 0);
    const pdf = await paperPackPdf(pack, () => bar?.increment(1));
    bar?.stop();
    const out = resolve(values.out ?? `paper-${pack.pack}.pdf`);
    writeFileSync(out, pdf);
    if (values.json) console.log(JSON.stringify({ pack: pack.pack, forms, out, known: !pack.isAlone }));
    else {
      console.log(`Pack ${pack.pack}, ${forms} forms: ${out}`);
      if (pack.isAlone) console.log("The base does not know of it yet: run this again once the base is back.");
    }
    return 0;
  },
};

type Reserved = Pick<PaperPack, "pack" | "printedAt" | "contacts" | "isAlone">;

const takeAlone = (file: string, letters: string, forms: number): Reserved => {
  const { id, printedAt } = takeFromRange(file, letters, forms);
  return { pack: id, printedAt, contacts: undefined, isAlone: true };
};

const takeFromBase = (file: string, trust: string, letters: string, forms: number): Promise<Reserved> =>
  withControlLog<Reserved>(trust, async (log, pool) => {
    await registerRanges(log, file);
    const { rows } = await pool.query<{ incarnation: string }>("SELECT incarnation FROM life");
    const pack = await reservePack(log, letters, rows[0]!.incarnation, forms);
    const held = await log.find("setting", contactsSettingId);
    const contacts: readonly Contact[] | undefined = held && contactsSetting.parse(held.state).contacts;
    return { pack, printedAt: new Date().toISOString(), contacts, isAlone: false };
  }).catch((error: unknown) => {
    if (!(error instanceof SetupProblem)) throw error;
    const [what = ""] = error.message.split("\n");
    throw new SetupProblem(error.code, what, `${error.todo} Or add --no-base: the pack is made known later.`);
  });

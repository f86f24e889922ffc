import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { benches } from "./benches.ts";
import { type Measurement, median, ratioOf } from "./measurement.ts";

const help = `npm run bench [-- [--json FILE] [--entries N] [NAME …]]

Measures, each against what the same machine does at best in the same run, and prints a table with a plot of the spread.
NAME is a measurement or a group, such as ingest or tablet.cold.p75; without one, all are run.
--entries is how many lie in the database that evidence is made of: 1,000,000 without it.
Groups: ${Object.keys(benches).join(", ")}`;

const { values, positionals } = parseArgs({
  options: { json: { type: "string" }, entries: { type: "string" }, help: { type: "boolean" } },
  allowPositionals: true,
});
if (values.help) {
  console.log(help);
  process.exit(0);
}

const wanted = (group: string) =>
  positionals.length === 0 || positionals.some((name) => name === group || name.startsWith(`${group}.`));
const groups = Object.entries(benches).filter(([group]) => wanted(group));
if (groups.length === 0) {
  console.error(`No measurement is called ${positionals.join(", ")}.\n\n${help}`);
  process.exit(2);
}

const entries = values.entries === undefined ? undefined : Number(values.entries);
if (entries !== undefined && !(Number.isInteger(entries) && entries > 0)) {
  console.error(`--entries is a whole number.\n\n${help}`);
  process.exit(2);
}

const digits = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** Spread of the runs between zero and the largest value, median as a full mark. */
const plot = (runs: readonly number[], limits: readonly number[] = []): string => {
  const width = 30;
  const top = Math.max(...runs, ...limits) || 1;
  const at = (value: number) => Math.min(width - 1, Math.round((value / top) * (width - 1)));
  const cells = Array.from({ length: width }, () => " ");
  for (let i = at(Math.min(...runs)); i <= at(Math.max(...runs)); i++) cells[i] = "─";
  if (limits.length > 0) cells[at(median(limits))] = "L";
  cells[at(median(runs))] = "●";
  return `│${cells.join("")}│`;
};

const line = (m: Measurement) => {
  const ratio = ratioOf(m);
  return [
    m.name.padEnd(22),
    digits(median(m.runs)).padStart(9),
    m.unit.padEnd(10),
    digits(Math.min(...m.runs)).padStart(9),
    digits(Math.max(...m.runs)).padStart(9),
    (m.limits ? digits(median(m.limits)) : "").padStart(9),
    (ratio === undefined ? "" : ratio.toFixed(2)).padStart(6),
    plot(m.runs, m.limits),
    m.goal ?? "",
  ].join(" ");
};

const results: Measurement[] = [];
console.log(
  `${"name".padEnd(22)} ${"median".padStart(9)} ${"unit".padEnd(10)} ${"min".padStart(9)} ${"max".padStart(9)} ${"limit".padStart(9)} ${"ratio".padStart(6)}  0 … largest; ● median, L limit`,
);
for (const [, bench] of groups) {
  for (const measurement of await bench(entries === undefined ? {} : { entries })) {
    results.push(measurement);
    console.log(line(measurement));
    if (measurement.note) console.log(`${" ".repeat(23)}${measurement.note}`);
  }
}

if (values.json)
  writeFileSync(
    values.json,
    `${JSON.stringify(
      results.map((m) => {
        const ratio = ratioOf(m);
        return {
          name: m.name,
          unit: m.unit,
          median: median(m.runs),
          min: Math.min(...m.runs),
          max: Math.max(...m.runs),
          runs: m.runs.length,
          ...(m.limits && { limit: median(m.limits) }),
          ...(ratio !== undefined && { ratio }),
        };
      }),
      null,
      2,
    )}\n`,
  );
process.exit(0);

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Rule, rules } from "#defence/access/rules.ts";
import { actions, type Need, type Role, roles } from "#defence/access/words.ts";

/** docs/access-policy.md from the table: `node tools/access-policy.ts` writes it, and a test holds the two together. */
export const pageFile = join(import.meta.dirname, "../docs/access-policy.md");

const words = (list: readonly string[]): string => list.map((word) => word.replaceAll("-", " ")).join(", ");

const whoOf = ({ who }: Rule): string =>
  who === "anybody" ? "anybody" : who === "device" ? "any enrolled device" : words(who);

const asksOf = ({ needs, review, only }: Rule): string =>
  words([...needs, ...(review ? ["review afterwards"] : []), ...(only ? [only] : [])]) || "nothing";

const row = (...cells: string[]): string => `| ${cells.join(" | ")} |`;
const heading = (...cells: string[]): string[] => [row(...cells), row(...cells.map(() => "---"))];

const marks: Record<Need, string> = { reason: "R", "step-up": "S", "co-sign": "C" };

/** One cell of role × action: the letters of the least that any row asks, `+` for nothing, empty for never. */
const cell = (role: Role, action: string): string => {
  const able = rules.filter(
    ({ who, does }) => typeof who !== "string" && who.includes(role) && does.includes(action as never),
  );
  const asked = able.map(({ needs, review }) => needs.map((need) => marks[need]).join("") + (review ? "V" : "") || "+");
  return [...new Set(asked)].join(" or ");
};

export const policyPage = (): string => {
  const named = actions.filter((action) => roles.some((role) => cell(role, action) !== ""));
  return [
    "# Access policy",
    "",
    "Made from `defence/access/rules.ts` by `node tools/access-policy.ts`; a test holds page and table together. An act is allowed",
    "if a row allows it, and refused otherwise. Writing care (`push`) is always allowed: what happened to a patient is written",
    "down first and judged afterwards. Of several rows that allow an act, the one that asks least counts.",
    "",
    "Besides the rows: a **restricted** record (staff, VIP) asks everybody for a reason, but its own crew and the site it is",
    "coming to; a machine has no reason to give and is refused. A person counts only with two factors. Every read and every",
    "refusal has its line in the access log. The table is ahead of the routes: nothing asks yet for `search` at the desk and",
    "`accept-handover` (a hospital pushes its acceptance). A co-signature is no route: the tablet marks what a student writes, a",
    "crewmate's `co-signature` is an entry like any other, and the record says which entries still await one. Nothing is refused for",
    "the want of one.",
    "",
    "## The rows",
    "",
    ...heading("Who", "May", "In zone", "To records", "For", "Asks", "Why"),
    ...rules.map((rule) =>
      row(
        whoOf(rule),
        words(rule.does),
        words(rule.in),
        rule.to === "any" ? "any" : words(rule.to),
        rule.for === "any" ? "any" : words([rule.for]),
        asksOf(rule),
        rule.why,
      ),
    ),
    "",
    "## By role",
    "",
    "`+` allowed in its zone and relation · `R` for a reason · `S` after proving the second factor again · `C` somebody signs",
    "afterwards · `V` looked at afterwards. What anybody or any device may do is not repeated.",
    "",
    ...heading("Role", ...named.map((action) => words([action]))),
    ...roles.map((role) => row(words([role]), ...named.map((action) => cell(role, action)))),
    "",
  ].join("\n");
};

if (import.meta.main) {
  writeFileSync(pageFile, policyPage());
  console.log(`${pageFile}: ${readFileSync(pageFile, "utf8").split("\n").length} lines`);
}

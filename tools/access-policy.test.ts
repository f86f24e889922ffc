import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rules } from "#defence/access/rules.ts";
import { roles } from "#defence/access/words.ts";
import { pageFile, policyPage } from "./access-policy.ts";

test("docs/access-policy.md says what the table says", () => {
  expect(readFileSync(pageFile, "utf8"), "run `node tools/access-policy.ts`").toBe(policyPage());
});

test("the page names every role and gives every row its reason", () => {
  const page = readFileSync(pageFile, "utf8");
  for (const role of roles) expect(page).toContain(`| ${role.replaceAll("-", " ")} |`);
  for (const { why } of rules) expect(page).toContain(why);
});

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import axe, { type Result } from "axe-core";
import { themes } from "../browser.ts";

/** Where a picture of every screen goes, if anywhere: docs/pictures takes its own from there. */
const pictures = process.env.HOLDFAST_PICTURES;

/** What axe finds in the page as it stands. The page keeps axe until it is loaded again. */
export const violationsOf = async (page: Page): Promise<Result[]> => {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: inPage } = window as unknown as { axe: typeof axe };
    return (await inPage.run({ resultTypes: ["violations"] })).violations;
  });
};

/** Axe over the page as it stands in each theme, a picture of each if asked for, and every problem by name. The page stays by day. */
export const inspect = async (
  page: Page,
  name: string,
  problems: string[],
  inThemes: readonly (typeof themes)[number][] = themes,
): Promise<void> => {
  const setTheme = (theme: string) =>
    page.evaluate((chosen) => {
      document.documentElement.dataset.theme = chosen;
    }, theme);
  for (const theme of inThemes) {
    await setTheme(theme);
    if (pictures !== undefined) {
      mkdirSync(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${name}-${theme}.png`) });
    }
    for (const { id, nodes } of await violationsOf(page))
      for (const { target } of nodes) problems.push(`${name}, ${theme}: ${id}: ${target.join(" ")}`);
  }
  await setTheme("day");
};

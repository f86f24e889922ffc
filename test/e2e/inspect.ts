import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { themes } from "../browser.ts";

/** Where the pictures of every screen go: docs/pictures takes its own from here. */
const pictures = process.env.HOLDFAST_PICTURES ?? join(".cache", "pictures");

/** Axe over the page as it stands in each theme, a picture of each, and every problem by name. The page stays by day. */
export const inspect = async (
  page: Page,
  name: string,
  problems: string[],
  inThemes: readonly (typeof themes)[number][] = themes,
): Promise<void> => {
  mkdirSync(pictures, { recursive: true });
  const setTheme = (theme: string) =>
    page.evaluate((chosen) => {
      document.documentElement.dataset.theme = chosen;
    }, theme);
  for (const theme of inThemes) {
    await setTheme(theme);
    await page.screenshot({ path: join(pictures, `${name}-${theme}.png`) });
    const { violations } = await new AxeBuilder({ page }).analyze();
    for (const { id, nodes } of violations)
      for (const { target } of nodes) problems.push(`${name}, ${theme}: ${id}: ${target.join(" ")}`);
  }
  await setTheme("day");
};

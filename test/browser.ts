import { existsSync, mkdirSync } from "node:fs";
import { type BrowserContext, chromium } from "@playwright/test";

const executablePath = process.env.HOLDFAST_CHROMIUM ?? "/usr/bin/chromium";

/** Without these Chromium calls home at every start, and where the network is closed waits for the refusals. */
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const viewports = {
  tablet: { width: 1280, height: 800 },
  desktop: { width: 1920, height: 1080 },
} as const;

/** Opens Debian's Chromium on a profile folder, so that what the page stored is there when it is opened again. */
export const openBrowser = async (
  profile: string,
  options: { viewport?: { width: number; height: number }; args?: string[]; hasTouch?: boolean } = {},
): Promise<BrowserContext> => {
  if (!existsSync(executablePath))
    throw new Error(`No browser at ${executablePath}: install chromium or set HOLDFAST_CHROMIUM.`);
  return chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: [...quiet, ...(options.args ?? [])],
    viewport: options.viewport ?? viewports.tablet,
    hasTouch: options.hasTouch ?? false,
    timezoneId: "Europe/London",
    locale: "en-GB",
  });
};

export const themes = ["day", "night", "sunlight"] as const;

/** After a failure: what each page showed, in .cache/pictures. */
export const keepPictures = async (contexts: readonly BrowserContext[]): Promise<void> => {
  mkdirSync(".cache/pictures", { recursive: true });
  for (const [c, context] of contexts.entries())
    for (const [p, page] of context.pages().entries())
      await page.screenshot({ path: `.cache/pictures/failure-${c}-${p}.png` }).catch(() => {});
};

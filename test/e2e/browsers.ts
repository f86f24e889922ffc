import { join } from "node:path";
import type { BrowserContext, Page } from "@playwright/test";
import { afterAll, afterEach } from "vitest";
import { keepPictures, openBrowser } from "../browser.ts";
import { useFolder } from "../set-up.ts";
import { waitMsMax } from "./expect.ts";

/**
 * Browsers of one test file, each on a profile of its own in `folder`, closed after the test or after the file. When a test
 * fails, what each page showed is kept.
 */
export const useBrowsers = (name: string, closed: "after-each" | "after-all" = "after-all") => {
  const folder = useFolder(name);
  const contexts: BrowserContext[] = [];
  const closeAll = async () => {
    for (const context of contexts.splice(0)) await context.close().catch(() => {});
  };
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await keepPictures(contexts);
    if (closed === "after-each") await closeAll();
  });
  afterAll(closeAll);
  const open = async (
    profile: string,
    viewport?: { width: number; height: number },
    args?: string[],
    hasTouch?: boolean,
  ): Promise<{ context: BrowserContext; page: Page }> => {
    const context = await openBrowser(join(folder, profile), {
      ...(viewport && { viewport }),
      ...(args && { args }),
      hasTouch: hasTouch ?? false,
    });
    contexts.push(context);
    const page = context.pages()[0]!;
    page.setDefaultTimeout(waitMsMax);
    return { context, page };
  };
  return { folder, open };
};

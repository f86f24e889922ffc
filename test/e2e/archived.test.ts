import { describe, it } from "vitest";
import { themes, viewports } from "../browser.ts";
import { useArchive, useArchivedBase } from "../set-up.ts";
import { useBrowsers } from "./browsers.ts";
import { expect } from "./expect.ts";
import { inspect } from "./inspect.ts";
import { enrolTablet, newRecord, signIn, startShift, timeline, untilInstalled, writeNote } from "./tablet-steps.ts";

const archive = useArchive();
const server = useArchivedBase(archive, "by-itself");
const { open } = useBrowsers("archived");

describe("the archive on the tablet", () => {
  it("is said of an entry once a segment was taken, not while the letterbox is away, and still after a start offline", async () => {
    const { context, page } = await open("tablet", viewports.tablet);
    const line = (text: string) => timeline(page).getByRole("button", { name: new RegExp(text) });
    await enrolTablet(page, server.addresses.tablet);
    await signIn(page);
    await startShift(page);
    await untilInstalled(page);
    await newRecord(page);
    await writeNote(page, "DEMO before");
    await expect(line("DEMO before")).toContainText("In the archive");

    // Control: the base takes what is written, and the archive does not.
    await archive.server.close();
    await writeNote(page, "DEMO after");
    await expect(line("DEMO after")).toContainText("At the base");
    const answers = [1, 2, 3];
    for (const _ of answers) await page.waitForResponse(/\/sync\/v1\/pull$/);
    await expect(line("DEMO after")).toContainText("At the base");
    await expect(line("DEMO before")).toContainText("In the archive");
    const problems: string[] = [];
    await inspect(page, "tablet-archived-1280", problems, themes);
    expect(problems).toEqual([]);

    await context.setOffline(true);
    await page.reload();
    await signIn(page);
    await expect(line("DEMO before")).toContainText("In the archive");
    await expect(line("DEMO after")).toContainText("At the base");
  });
});

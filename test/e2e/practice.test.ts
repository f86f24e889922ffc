import type { Locator, Page } from "@playwright/test";
import { describe, it } from "vitest";
import type { Entry } from "#domain/entry/entry.ts";
import { viewports } from "../browser.ts";
import { sql } from "../postgres.ts";
import { useServer } from "../set-up.ts";
import { useBrowsers } from "./browsers.ts";
import { expect } from "./expect.ts";
import { atRest, inspectTablet } from "./tablet-checks.ts";
import { enrolTablet, newRecord, signIn, startShift, timeline, untilInstalled, writeNote } from "./tablet-steps.ts";

const server = useServer();
const { open } = useBrowsers("practice");
const problems: string[] = [];

const mark = "PRACTICE · not a patient";
const practised = "Practicemarker";
const real = "Realmarker";
const step = (page: Page, name: string) =>
  page.getByRole("list", { name: "Steps" }).locator(":scope > li").filter({ hasText: name });
const isDone = (page: Page, name: string) => expect(step(page, name)).toHaveAttribute("data-done", "true");
const isOpen = (page: Page, name: string) => expect(step(page, name)).toHaveAttribute("data-done", "false");
const levelOfService = (page: Page, of: "" | ": Practice" | ": This tablet") =>
  page.getByRole("complementary", { name: `Level of service${of}`, exact: true });
const strip = (page: Page) => levelOfService(page, ": Practice");
const stepNames = [
  "Log a set of obs",
  "Pull the plug",
  "Carry on with no base",
  "Hand over with no server",
  "Put the plug back",
];

type Look = (name: string) => Promise<void>;
/** How one presses: with a finger, or with the keys alone. */
type Press = (target: Locator) => Promise<void>;
const byTouch: Press = (target) => target.tap();
const tabsMax = 150;
const byKeys: Press = async (target) => {
  await target.waitFor();
  const isThere = () => target.evaluate((element) => element === document.activeElement);
  for (let tabs = 0; tabs < tabsMax && !(await isThere()); tabs++) await target.page().keyboard.press("Tab");
  await expect(target).toBeFocused();
  await target.page().keyboard.press("Enter");
};

const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name, exact: true });
const inSheet = (page: Page, name: string | RegExp) => page.getByRole("dialog").getByRole("button", { name });

const begin = async (page: Page, press: Press): Promise<void> => {
  await press(page.getByRole("button", { name: /^Menu/ }));
  await press(inSheet(page, "Practise: pull the plug"));
  await expect(page.getByRole("heading", { name: "Pull the plug", level: 1 })).toBeVisible();
};

const takeObs = async (page: Page, press: Press, pulse: string, look?: Look): Promise<void> => {
  await press(button(page, "Obs"));
  await press(page.getByRole("button", { name: /^Pulse:/ }));
  await page.keyboard.type(pulse);
  await look?.("obs");
  await press(button(page, "Save set"));
  await expect(timeline(page)).toContainText(pulse);
};

const giveGtn = async (page: Page, press: Press): Promise<void> => {
  await press(button(page, "Drug"));
  await press(page.getByRole("button", { name: "Glyceryl trinitrate" }));
  await press(page.getByRole("button", { name: /^400 / }));
  await press(button(page, "Record given"));
  await expect(timeline(page)).toContainText("Glyceryl trinitrate 400");
};

const newest = (page: Page) => timeline(page).getByRole("listitem").first();

/** The whole practice; resolves to its record's id. What each step claims is looked at where the crew looks: in the strip, the timeline, the steps. */
const practise = async (page: Page, press: Press, look: Look): Promise<string> => {
  for (const name of stepNames) await isOpen(page, name);
  await expect(page.getByRole("button", { name: "Pull the plug" })).toHaveCount(0);
  await look("start");
  await press(button(page, "Go to the practice patient"));
  await expect(page.getByRole("button", { name: /^Patient: PRACTICE-NOBODY/ })).toBeVisible();
  await takeObs(page, press, "81", look);
  await expect(newest(page)).toContainText("At the base");
  await expect(strip(page)).toContainText("Practice: Connected to the base");
  await look("record");
  await press(button(page, "Pull the plug"));
  await expect(strip(page)).toContainText("Practice: No connection to the base");
  await press(button(page, "Steps"));
  await isDone(page, "Log a set of obs");
  await isDone(page, "Pull the plug");
  await isOpen(page, "Carry on with no base");
  await look("plug-out");
  await press(button(page, "Go to the practice patient"));

  await takeObs(page, press, "92");
  await expect(newest(page)).toContainText("On this tablet");
  await giveGtn(page, press);
  await expect(newest(page)).toContainText("On this tablet");
  await expect(strip(page)).toContainText("2 waiting, saved on this tablet");
  await look("record-cut");
  await press(button(page, "Handover, full page"));
  await press(button(page, "Show to the hospital's camera"));
  await press(page.getByRole("button", { name: "Practice department, no real one" }));
  await expect(page.getByRole("img", { name: /^Film of symbols for Practice department/ })).toBeVisible();
  await look("film");
  await page.emulateMedia({ media: "print" });
  await expect(page.getByText(mark)).toBeVisible();
  await expect(button(page, "Print the page")).toBeHidden();
  await page.emulateMedia({ media: null });
  const recordId = /Record ([0-9a-f-]{36})/.exec((await page.getByRole("main").textContent())!)![1]!;
  await press(page.getByRole("contentinfo").getByRole("button", { name: "Handover" }));
  const receiver = page.getByRole("textbox", { name: "Receiver's name" });
  await receiver.focus();
  await page.keyboard.type(practised);
  await look("handover");
  await press(button(page, "Record handover"));
  await press(button(page, "Steps"));
  await isDone(page, "Hand over with no server");
  await isOpen(page, "Put the plug back");
  await press(button(page, "Put the plug back"));
  for (const name of stepNames) await isDone(page, name);
  await expect(page.getByRole("heading", { name: /^Done in \d+:\d\d min/ })).toBeVisible();
  await expect(page.getByText("5 entries waited on this tablet, 5 arrived at the base.")).toBeVisible();
  await expect(page.getByText(/none was lost, and none is there twice/)).toBeVisible();
  await look("done");
  await press(button(page, "Look at the practice patient"));
  await expect(timeline(page)).not.toContainText("On this tablet");
  await press(button(page, "Steps"));
  return recordId;
};

/** What of a record the base has, by its id. */
const atBase = async (recordId: string): Promise<Entry[]> => {
  const lines = await server.cells.get("northmoor")!.crewReader.lines([{ recordId, after: 0 }], 500);
  return lines.map(({ text }) => JSON.parse(text!) as Entry);
};

/** Pixels of it that only a scroll would show. */
const hidden = (target: Locator): Promise<number> =>
  target.evaluate((element) => element.scrollHeight - element.clientHeight);

/** Ids of all records of which the base has a line, read or kept aside. */
const recordsAtBase = async (): Promise<string[]> =>
  (
    await sql<{ record_id: string }>(
      server.cells.get("northmoor")!.databaseUrl("owner"),
      "SELECT DISTINCT record_id FROM care_line",
    )
  ).map(({ record_id }) => record_id);

/**
 * Every key of every store of this origin's IndexedDB, and of localStorage, but that of the heartbeat: it has a time of its own, whatever
 * a crew does.
 */
const keysAtRest = async (page: Page): Promise<string[]> => {
  const keys = await allKeys(page);
  return keys.filter((key) => !key.endsWith(',"things","heartbeat"]'));
};

const allKeys = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const keys = Object.keys(localStorage);
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open(name!);
        request.onsuccess = () => resolve(request.result);
      });
      for (const store of database.objectStoreNames) {
        const found = await new Promise<IDBValidKey[]>((resolve) => {
          const request = database.transaction(store).objectStore(store).getAllKeys();
          request.onsuccess = () => resolve(request.result);
        });
        keys.push(...found.map((key) => JSON.stringify([name, store, key])));
      }
      database.close();
    }
    return keys.sort();
  });

/** One tap from the practice to somebody who is real, and a word about them; resolves to that record's id. */
const beginRealRecord = async (page: Page, press: Press): Promise<string> => {
  await press(button(page, "Real patient: new record"));
  await expect(timeline(page)).toBeVisible();
  await expect(page.getByText(mark)).toHaveCount(0);
  await expect(strip(page)).toHaveCount(0);
  await expect(page.getByText("PRACTICE-NOBODY")).toHaveCount(0);
  await writeNote(page, `${real} says the patient`);
  return new URL(page.url()).hash.split("/")[2]!;
};

const expectOnlyReal = async (page: Page, { practiceId, realId }: Record<"practiceId" | "realId", string>) => {
  const stored = await atRest(page);
  // The same search finds the real record, so it would have found the practice's.
  expect(stored).toContain(realId);
  for (const word of [practiceId, practised, "PRACTICE-NOBODY"]) expect(stored).not.toContain(word);
};

const ready = async (name: string, hasTouch: boolean) => {
  const opened = await open(name, viewports.tablet, undefined, hasTouch);
  await enrolTablet(opened.page, server.addresses.tablet);
  await signIn(opened.page);
  await startShift(opened.page);
  return opened;
};

describe("a crew that practises", () => {
  it("pulls the plug with the server up, by touch; nothing of it is at the base or on the tablet, and a real record's word is", async () => {
    const { page } = await ready("up", true);
    await begin(page, byTouch);
    const practiceId = await practise(page, byTouch, async (name) => {
      await expect(page.getByText(mark)).toBeVisible();
      await inspectTablet(page, `practice-${name}`, problems);
      // The band leaves room enough: the pad is one screen here too.
      if (name === "obs") expect(await hidden(page.getByRole("region", { name: "Fields" }))).toBe(0);
    });
    const realId = await beginRealRecord(page, byTouch);
    await expect.poll(async () => JSON.stringify(await atBase(realId))).toContain(real);
    expect(await recordsAtBase()).toEqual([realId]);
    expect(await atBase(practiceId)).toEqual([]);
    await expectOnlyReal(page, { practiceId, realId });
    await page.getByRole("button", { name: "All records" }).tap();
    await expect(page.getByRole("heading", { name: "Records on this tablet" })).toBeVisible();
    await expect(page.locator(".record-card")).toHaveCount(1);
  });

  it("says so on every sheet, may do it again, and leaves it by the lock, by the browser's Back and by a reload", async () => {
    const { page } = await ready("sheets", true);
    await begin(page, byTouch);
    await button(page, "Go to the practice patient").tap();
    await button(page, "More").tap();
    await inspectTablet(page, "practice-more", problems);
    const sheetMark = () =>
      page
        .getByRole("dialog")
        .locator(".dialog-title")
        .evaluate((title) => getComputedStyle(title, "::before").content);
    expect(await sheetMark()).toContain(mark);
    await expect(inSheet(page, "Real patient: new record")).toBeVisible();
    // There is nobody to look up.
    await inSheet(page, "Earlier records of this patient").tap();
    await expect(page.getByRole("heading", { name: "Pull the plug", level: 1 })).toBeVisible();
    await button(page, "Go to the practice patient").tap();
    await page.getByRole("button", { name: /^Menu/ }).tap();
    await inspectTablet(page, "practice-menu", problems);
    expect(await sheetMark()).toContain(mark);
    await inSheet(page, /^Lock/).tap();
    await expect(page.getByRole("heading", { name: "Who are you?" })).toBeVisible();
    expect(await page.content()).not.toContain("PRACTICE");
    await signIn(page);
    await expect(button(page, "New record")).toBeVisible();
    await expect(page.getByText(mark)).toHaveCount(0);

    // Nobody's arrest keeps the tablet open.
    await begin(page, byTouch);
    await button(page, "Go to the practice patient").tap();
    await button(page, "Arrest").tap();
    await expect(button(page, "Shock")).toBeVisible();
    await page.evaluate(() => {
      const now = Date.now;
      Date.now = () => now() + 6 * 60_000;
      document.dispatchEvent(new Event("visibilitychange"));
      Date.now = now;
    });
    await expect(page.getByRole("heading", { name: "Who are you?" })).toBeVisible();
    expect(await page.content()).not.toContain("PRACTICE");
    await signIn(page);
    await expect(button(page, "New record")).toBeVisible();

    // The other way in, and out by a reload.
    await button(page, "Downtime").tap();
    await button(page, "Practise: pull the plug").tap();
    await button(page, "Go to the practice patient").tap();
    await page.reload();
    await signIn(page);
    await expect(button(page, "New record")).toBeVisible();
    await expect(page.getByText(mark)).toHaveCount(0);

    // Over an open record it is not offered, and the way back to one ends it.
    await newRecord(page);
    await page.getByRole("button", { name: /^Menu/ }).tap();
    await expect(inSheet(page, "Downtime: whom to call, paper")).toBeVisible();
    await expect(inSheet(page, "Practise: pull the plug")).toHaveCount(0);
    await inSheet(page, "Downtime: whom to call, paper").tap();
    await expect(page.getByRole("heading", { name: "Downtime" })).toBeVisible();
    await expect(button(page, "Practise: pull the plug")).toHaveCount(0);
    await button(page, "Back").tap();
    await page.getByRole("button", { name: "All records" }).tap();
    await begin(page, byTouch);
    await page.goBack();
    await expect(timeline(page)).toBeVisible();
    await expect(page.getByText(mark)).toHaveCount(0);
    await page.goForward();
    await expect(button(page, "New record")).toBeVisible();
    await expect(page.getByText(mark)).toHaveCount(0);

    // From a sheet, too, it is one tap to a real patient.
    await begin(page, byTouch);
    await button(page, "Go to the practice patient").tap();
    await button(page, "More").tap();
    await inSheet(page, "Real patient: new record").tap();
    await expect(timeline(page)).toBeVisible();
    await expect(page.getByText(mark)).toHaveCount(0);
    await expect(page.getByRole("dialog")).toHaveCount(0);
  });

  it("may do it with the keys alone, twice", async () => {
    const { page } = await ready("keys", false);
    await begin(page, byKeys);
    const first = await practise(page, byKeys, async () => {});
    await byKeys(button(page, "Practise again"));
    for (const name of stepNames) await isOpen(page, name);
    const second = await practise(page, byKeys, async () => {});
    expect(second).not.toBe(first);
    await byKeys(button(page, "End the practice"));
    await expect(button(page, "New record")).toBeVisible();
  });

  it("does it from a cold start with the server stopped; not a row of it is in the tablet's store", async () => {
    const { context } = await (async () => {
      const opened = await ready("cold", true);
      await untilInstalled(opened.page);
      return opened;
    })();
    await context.close();
    await server.close();
    const { page } = await open("cold", viewports.tablet, undefined, true);
    await page.goto(server.addresses.tablet);
    await signIn(page);
    await expect(levelOfService(page, "")).toContainText("No connection to the base");
    // What the sign-in itself keeps is written by then: two looks in a row find the same.
    let before: string[] = [];
    const isSettled = async () => {
      const earlier = before;
      before = await keysAtRest(page);
      return before.length > 0 && before.join() === earlier.join();
    };
    await expect.poll(isSettled, { intervals: [0, 1_000] }).toBe(true);
    await begin(page, byTouch);
    // All is well in the practice, and not on the tablet.
    await expect(levelOfService(page, ": This tablet")).toContainText("No connection to the base");
    const practiceId = await practise(page, byTouch, async () => {});
    expect(await keysAtRest(page)).toEqual(before);
    const realId = await beginRealRecord(page, byTouch);
    // A record's rows do show there.
    expect((await keysAtRest(page)).length).toBeGreaterThan(before.length);
    await expectOnlyReal(page, { practiceId, realId });
  });

  it("sees nothing that axe finds, or that a glove would miss, in any theme", () => {
    expect(problems).toEqual([]);
  });
});

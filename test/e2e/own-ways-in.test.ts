import type { Page } from "@playwright/test";
import { beforeAll, describe, it } from "vitest";
import { themes, viewports } from "../browser.ts";
import { useProvider, useServer } from "../set-up.ts";
import { useBrowsers } from "./browsers.ts";
import { configuration, enrolDesk, openPage, pastOffer, signInAtDesk, signOutAtDesk } from "./desk-steps.ts";
import { expect } from "./expect.ts";
import { inspect as inspectPage } from "./inspect.ts";
import { enrolTablet, signIn, startShift } from "./tablet-steps.ts";

/** Somebody whom the desk has just made gets each way in, and comes in by it. */
const provider = useProvider();
const server = useServer(() => ({ settings: provider.settings }));
const { open } = useBrowsers("own-ways-in");
let desk: Page;
let tablet: Page;
const problems: string[] = [];

beforeAll(async () => {
  ({ page: desk } = await open("desk", viewports.desktop));
  ({ page: tablet } = await open("tablet", viewports.tablet));
  await enrolDesk(desk, server.addresses.control);
  await signInAtDesk(desk, server, configuration);
  await enrolTablet(tablet, server.addresses.tablet);
});

const inspect = async (page: Page, name: string): Promise<void> => {
  const own = page.viewportSize()!;
  for (const size of [viewports.desktop, viewports.tablet]) {
    await page.setViewportSize(size);
    await inspectPage(page, `ways-${name}-${size.width}`, problems, themes);
  }
  await page.setViewportSize(own);
};
const dialog = (page: Page) => page.getByRole("dialog");
const newPerson = async (userId: string, name: string): Promise<void> => {
  await openPage(desk, "People and roles");
  await desk.getByRole("button", { name: "New person" }).click();
  await dialog(desk).getByLabel("User id").fill(userId);
  await dialog(desk).getByLabel("Name", { exact: true }).fill(name);
  await dialog(desk).getByLabel("Staff number").fill(userId.toUpperCase());
  await dialog(desk).getByRole("checkbox", { name: "Paramedic", exact: true }).check();
  await dialog(desk).getByLabel("Reason").fill("Joined the trust");
  await dialog(desk)
    .getByRole("button", { name: /^Add|^Save|^Make/ })
    .click();
  await expect(dialog(desk)).toHaveCount(0);
};
const codeFor = async (name: string, use: string): Promise<string> => {
  await desk.getByRole("button", { name: `Code for ${name}` }).click();
  await dialog(desk).getByRole("radio", { name: use }).check();
  if (use === "A PIN for tablets") await inspect(desk, "desk-code");
  await dialog(desk).getByLabel("Reason").fill("First day");
  await dialog(desk).getByRole("button", { name: "Make the code" }).click();
  const code = (await dialog(desk).locator(".code").textContent())!;
  await desk.keyboard.press("Escape");
  return code;
};
const setPin = async (code: string, pin: string): Promise<void> => {
  await dialog(tablet).getByRole("textbox", { name: "Code from the desk" }).fill(code);
  for (const field of ["New PIN", "The same again"]) await dialog(tablet).getByLabel(field).fill(pin);
  await dialog(tablet).getByRole("button", { name: "Set the PIN" }).click();
};
const lock = async (): Promise<void> => {
  await tablet.getByRole("button", { name: /^Menu/ }).click();
  await tablet.getByRole("button", { name: "Lock, or change person" }).click();
};

/** Whose PIN opens the tablet. */
const wrapsOn = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open("holdfast-tablet");
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const asked = database.transaction("things").objectStore("things").get("wraps");
    const row = await new Promise<{ value: { userId: string }[] }>((resolve) => {
      asked.onsuccess = () => resolve(asked.result);
    });
    database.close();
    return row.value.map(({ userId }) => userId);
  });

describe("somebody new", () => {
  it("sets a PIN with the desk's code on a locked tablet, and signs in once a crewmate has unlocked it", async () => {
    await newPerson("n-first", "Testcase First");
    const code = await codeFor("Testcase First", "A PIN for tablets");
    await tablet.getByRole("button", { name: "I have a code for a PIN" }).click();
    await inspect(tablet, "tablet-pin");
    await setPin(code, "1234");
    await expect(dialog(tablet).getByRole("alert")).toContainText("one of the first that somebody would try");
    await setPin(code, "830247");
    await expect(dialog(tablet).getByRole("status")).toContainText("once a crewmate has unlocked it");
    await inspect(tablet, "tablet-pin-set");
    await dialog(tablet).getByRole("button", { name: "Done" }).click();

    // Its name has come, and nothing that opens this tablet for it.
    await signIn(tablet, "Testcase First", "830247");
    await expect(tablet.getByRole("alert")).toContainText("cannot let this person in yet");
    await signIn(tablet);
    await startShift(tablet);
    await expect.poll(() => wrapsOn(tablet)).toContain("n-first");
    await lock();
    await signIn(tablet, "Testcase First", "999999");
    await expect(tablet.getByRole("alert")).not.toBeEmpty();
    await signIn(tablet, "Testcase First", "830247");
    await tablet.getByRole("button", { name: /^Menu/ }).click();
    await expect(dialog(tablet)).toContainText("Signed in: Testcase First");
    await dialog(tablet).getByRole("button", { name: "Close" }).click();
  });

  it("and on an open one at once", async () => {
    await newPerson("n-second", "Testcase Second");
    const code = await codeFor("Testcase Second", "A PIN for tablets");
    await tablet.getByRole("button", { name: /^Menu/ }).click();
    await tablet.getByRole("button", { name: "I have a code for a PIN" }).click();
    await setPin(code, "7301");
    await expect(dialog(tablet).getByRole("status")).toContainText("works on this tablet now");
    await dialog(tablet).getByRole("button", { name: "Done" }).click();
    await lock();
    await signIn(tablet, "Testcase Second", "7301");
    await tablet.getByRole("button", { name: /^Menu/ }).click();
    await expect(dialog(tablet)).toContainText("Signed in: Testcase Second");
  });

  it("signs in with the provider, after a code once, and sets another PIN there", async () => {
    const code = await codeFor("Testcase First", "Signing in with the trust's provider");
    await signOutAtDesk(desk);
    const atProvider = async (): Promise<void> => {
      await desk.getByRole("combobox", { name: "Person" }).selectOption("w-larsen");
      const typed = (await desk.locator(".code").textContent()) ?? "";
      await desk.getByRole("textbox", { name: "Second factor code" }).fill(typed);
      await desk.getByRole("button", { name: "Sign in" }).click();
    };
    await desk.getByRole("button", { name: "Use Demonstration provider" }).click();
    await atProvider();
    await expect(desk.getByRole("alert")).toContainText("this trust does not know you");
    await desk.getByRole("link", { name: "Sign in again" }).click();
    await desk.getByText("I was given a code for the provider").click();
    await inspect(desk, "desk-provider-code");
    await desk.getByRole("textbox", { name: "Provider code" }).fill(code);
    await desk.getByRole("button", { name: "Go on to the provider" }).click();
    await atProvider();
    await pastOffer(desk, "Testcase First");

    await desk.getByRole("button", { name: "Set a PIN" }).click();
    await dialog(desk).getByLabel("New PIN").fill("240613");
    await dialog(desk).getByLabel("The same again").fill("24061");
    await expect(dialog(desk).getByRole("button", { name: "Set the PIN" })).toBeDisabled();
    await dialog(desk).getByLabel("The same again").fill("240613");
    await inspect(desk, "desk-pin");
    await dialog(desk).getByRole("button", { name: "Set the PIN" }).click();
    await expect(dialog(desk).getByRole("status")).toContainText("Your PIN is set");
    await desk.keyboard.press("Escape");
    await signOutAtDesk(desk);
    await desk.getByRole("button", { name: "Use Demonstration provider" }).click();
    await atProvider();
    await pastOffer(desk, "Testcase First");
  });

  it("shows no fault of axe in any theme", () => {
    expect(problems).toEqual([]);
  });
});

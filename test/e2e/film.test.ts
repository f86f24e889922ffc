import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { describe, it } from "vitest";
import { encodeEcg } from "#monitoring/ecg-file.ts";
import { generateEcg } from "../../demo/ecg-generator.ts";
import { viewports } from "../browser.ts";
import { cameraArgs } from "../camera.ts";
import { sql } from "../postgres.ts";
import { useServer } from "../set-up.ts";
import { useBrowsers } from "./browsers.ts";
import { expect } from "./expect.ts";
import { filmByHand, filmShown, framesShown, nextSlot } from "./film-steps.ts";
import { enrolScreen } from "./hospital-steps.ts";
import { inspect } from "./inspect.ts";
import {
  attachEcg,
  enrolTablet,
  giveGtn,
  newRecord,
  preAlert,
  recordObs,
  sayWhoItIs,
  signIn,
  startShift,
  untilInstalled,
  writeNote,
} from "./tablet-steps.ts";

const server = useServer();
const { folder, open } = useBrowsers("film");

/** Until the screen's next heartbeat has brought what opens films. */
const untilFilmKeys = (page: Page) =>
  expect
    .poll(() =>
      page.evaluate(
        () =>
          new Promise<boolean>((resolve) => {
            const request = indexedDB.open("holdfast-screen-northmoor");
            request.onsuccess = () => {
              const database = request.result;
              const asked = database.transaction("things").objectStore("things").get("site-keys");
              asked.onsuccess = () => {
                database.close();
                resolve(asked.result !== undefined);
              };
            };
          }),
      ),
    )
    .toBe(true);

const shown = /^Film of symbols/;
const receipt = /^The receipt, for the camera/;

describe("a handover with no server", () => {
  it("goes from the tablet to the hospital's camera and its receipt back; what is changed, replayed or for another site is refused by name", async () => {
    const problems: string[] = [];
    const files = { toHospital: join(folder, "to-hospital.y4m"), toTablet: join(folder, "to-tablet.y4m") };
    const { page: screen, context: hospital } = await open("screen", viewports.desktop, cameraArgs(files.toHospital));
    await enrolScreen(screen, server.addresses.hospital);
    await untilInstalled(screen);
    await untilFilmKeys(screen);
    await hospital.setOffline(true);

    const { page: tablet, context: crew } = await open("tablet", viewports.tablet, cameraArgs(files.toTablet));
    await enrolTablet(tablet, server.addresses.tablet);
    await signIn(tablet);
    await startShift(tablet);
    await untilInstalled(tablet);
    await crew.setOffline(true);
    // Cold, and with nothing to ask.
    await tablet.goto(server.addresses.tablet);
    await signIn(tablet);
    await newRecord(tablet);
    await sayWhoItIs(tablet);
    await recordObs(tablet);
    await giveGtn(tablet);
    const ecgFile = join(folder, "inferior.hfecg");
    writeFileSync(ecgFile, encodeEcg(generateEcg("inferior-stemi", new Date().toISOString(), 7)));
    await attachEcg(tablet, ecgFile);
    await writeNote(tablet, "Found on the kitchen floor");
    await preAlert(tablet, "Southgate ED", "Inferior STEMI");
    const recordId = /record\/([0-9a-f-]{36})/.exec(tablet.url())![1]!;

    // Two taps from the record.
    await tablet
      .getByRole("button", { name: /Handover/ })
      .first()
      .click();
    await tablet.getByRole("button", { name: "Show to the hospital's camera" }).click();
    await expect(tablet.getByRole("main")).toContainText("The newest ECG as a copy at 250 Hz");
    const rows = await framesShown(tablet, shown, 40);
    await inspect(tablet, "tablet-film", problems);
    // Held for a moment, and faster, it goes on from where it was: a camera that has seen the beginning lacks the rest.
    await tablet.getByRole("button", { name: "Hold the first symbol" }).click();
    await expect(tablet.getByRole("img", { name: shown })).toHaveAttribute("data-slot", "0");
    const frames = [...(await framesShown(tablet, shown, 1)), ...rows];
    await tablet.getByRole("button", { name: "Play the film" }).click();
    expect(await nextSlot(tablet, shown)).toBeGreaterThanOrEqual(40);
    await tablet.getByRole("button", { name: /^Faster/ }).click();
    expect(await nextSlot(tablet, shown)).toBeGreaterThanOrEqual(40);

    // The beginning alone: who it is, and half of the record. The film is put down, and gone on with.
    filmByHand(files.toHospital, frames.slice(0, 9));
    const came = screen.getByRole("region", { name: "What came" });
    await screen.getByRole("link", { name: "Receive by camera" }).click();
    await expect(came).toContainText("DEMO-JOURNEY");
    await expect(came).toContainText(/[2-9] of \d+ parts have come/);
    await inspect(screen, "hospital-camera", problems);
    await screen.getByRole("link", { name: "Arrivals" }).click();
    filmByHand(files.toHospital, frames.slice(9));
    await screen.getByRole("link", { name: "Receive by camera" }).click();
    await expect(screen.getByText(/All of it came at .* by camera, not from the base/)).toBeVisible();
    const patient = screen.getByRole("region", { name: "The patient" });
    await expect(patient).toContainText("DEMO-JOURNEY");
    await expect(screen.getByRole("main")).toContainText("Glyceryl trinitrate");
    await inspect(screen, "hospital-received", problems);

    // Nobody can sign in without a base: the patient opens here, where the tablet was held, with the copy of the ECG.
    await screen.getByRole("link", { name: "Open the patient" }).click();
    await expect(screen.getByText(/^▲ Received by camera at/)).toBeVisible();
    await expect(screen.getByText("▲ A copy at 250 Hz, from the film. The exact recording follows.")).toBeVisible();
    await expect(screen.getByRole("img", { name: /FILM COPY 250 Hz/ })).toBeVisible();
    await inspect(screen, "hospital-patient-by-camera", problems);
    await screen.getByRole("link", { name: "Arrivals" }).click();
    await expect(screen.getByRole("row").filter({ hasText: "NM201" })).toContainText(/By camera .* not from the base/);
    await inspect(screen, "hospital-board-by-camera", problems);

    // The same film again says so, adds nothing, and the acceptance goes on from there.
    await screen.getByRole("link", { name: "Receive by camera" }).click();
    await expect(screen.getByText(/This film was received here at .* Nothing was added/)).toBeVisible();
    await screen.getByRole("textbox", { name: "Your name" }).fill("Rosa Demo");
    await screen.getByRole("textbox", { name: "Your role" }).fill("Nurse");
    await screen.getByRole("button", { name: "Accept handover" }).click();
    await expect(screen.getByRole("heading", { name: /Accepted by Rosa Demo/ })).toBeVisible();
    const answer = await framesShown(screen, receipt, 24);
    await inspect(screen, "hospital-receipt", problems);
    // Shown once more, it is known to be accepted: nobody is asked a second time.
    await screen.getByRole("button", { name: "Receive another" }).click();
    await expect(screen.getByText(/This film was received here at/)).toBeVisible({ timeout: 60_000 });
    await expect(screen.getByRole("heading", { name: /Accepted by Rosa Demo/ })).toBeVisible();
    await expect(screen.getByRole("button", { name: "Accept handover" })).toHaveCount(0);
    filmByHand(files.toTablet, answer);

    await tablet.getByRole("button", { name: "Read the receipt with this camera" }).click();
    await expect(tablet.getByText("The hospital's acceptance is in the record.")).toBeVisible();
    await expect(tablet.getByText(/Accepted by Rosa Demo, Nurse, not signed in/)).toBeVisible();
    await inspect(tablet, "tablet-film-receipt", problems);
    await tablet.getByRole("button", { name: "Type the receipt's code" }).click();
    const code = await screen.locator(".receipt-code").textContent();
    await tablet.getByRole("textbox", { name: "Who accepted" }).fill("Rosa Demo");
    await tablet
      .getByRole("textbox", { name: "Code under the receipt" })
      .fill((code ?? "").replace(/\d$/, (d) => `${(Number(d) + 1) % 10}`));
    await tablet.getByRole("button", { name: "Record the acceptance" }).click();
    await expect(tablet.getByText(/a digit is wrong or missing/)).toBeVisible();
    await inspect(tablet, "tablet-film-code", problems);
    await tablet.getByRole("textbox", { name: "Code under the receipt" }).fill(code ?? "");
    await tablet.getByRole("button", { name: "Record the acceptance" }).click();
    await expect(tablet.getByText(/the receipt's code says accepted at/)).toBeVisible();

    // Changed frames of a new film: the entry that was written since. Each is named, and the film goes on past them.
    await tablet.getByRole("button", { name: "Show to the hospital's camera" }).click();
    const second = await filmShown(tablet, shown, 12);
    const changed = second.map((bytes, at) => (at < 3 ? bytes : bytes.map((byte, i) => (i === 300 ? byte ^ 1 : byte))));
    filmByHand(files.toHospital, changed);
    await screen.getByRole("link", { name: "Arrivals" }).click();
    await screen.getByRole("link", { name: "Receive by camera" }).click();
    await expect(screen.getByRole("alert")).toContainText("A frame was changed");
    await inspect(screen, "hospital-camera-refused", problems);
    // Its one good row is kept, and nothing of the changed ones.
    await expect(came).toContainText(/^1 of \d+ parts have come/);

    // Another department's screen, shown the first film.
    const { page: harbour } = await open("harbour", viewports.desktop, cameraArgs(files.toHospital));
    filmByHand(files.toHospital, frames);
    await enrolScreen(harbour, server.addresses.hospital, "Harbour");
    await harbour.getByRole("link", { name: "Receive by camera" }).click();
    await expect(harbour.getByRole("alert")).toContainText("This film is for Southgate ED, not for Harbour ED");

    // The base comes back for the hospital alone: the tablet's entries arrive by the screen, with the acceptance.
    const cell = server.cells.get("northmoor")!;
    const authors = async (): Promise<number[]> => {
      const text = `SELECT count(*)::int AS n FROM care_line
        WHERE record_id = $1 AND quarantine IS NULL GROUP BY device_id ORDER BY n`;
      return (await sql<{ n: number }>(cell.databaseUrl("owner"), text, [recordId])).map(({ n }) => n);
    };
    expect(await authors()).toEqual([]);
    await hospital.setOffline(false);
    // The tablet's entries, all that the film held, and the screen's own.
    await expect.poll(async () => (await authors()).length).toBe(2);
    expect(Math.max(...(await authors()))).toBeGreaterThanOrEqual(7);
    await screen.getByRole("link", { name: "Arrivals" }).click();
    await expect(screen.getByRole("row").filter({ hasText: "NM201" }).first()).not.toContainText("By camera");
    expect(problems).toEqual([]);
  });
});

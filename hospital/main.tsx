import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { keepAppCurrent } from "#client/app-update.ts";
import { openClient } from "#client/session.ts";
import { startTheme } from "#ui/theme.ts";
import { openCell } from "./cells/cell.ts";
import { readEndpoints } from "./cells/endpoints.ts";
import { openKeptBoards } from "./cells/kept-board.ts";
import { App } from "./shell/app.tsx";

startTheme();
const root = createRoot(document.getElementById("root")!);

const start = async () => {
  const endpoints = await readEndpoints();
  const kept = openKeptBoards();
  const cells = await Promise.all(
    endpoints.map(async (endpoint) => {
      const client = await openClient({ app: "screen", database: `holdfast-screen-${endpoint.trust}` });
      return openCell(endpoint, client, kept);
    }),
  );
  root.render(
    <StrictMode>
      <App cells={cells} />
    </StrictMode>,
  );
};

/** A new build never swaps under a patient or under something half answered. */
void keepAppCurrent(() => location.pathname === "/" && document.querySelector("dialog[open]") === null);

start().catch((failure: unknown) => {
  const words = failure instanceof Error ? failure.message : "unknown fault";
  root.render(
    <main className="centre">
      <p role="alert">The board could not start: {words}. Check the network and reload.</p>
    </main>,
  );
});

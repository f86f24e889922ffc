import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { keepAppCurrent } from "#client/app-update.ts";
import { startTheme } from "#ui/theme.ts";
import { openDesk } from "./desk/desk.ts";
import { readEndpoints } from "./desk/endpoints.ts";
import { App } from "./shell/app.tsx";

startTheme();
const root = createRoot(document.getElementById("root")!);

const start = async () => {
  const [desk, trusts] = await Promise.all([openDesk(), readEndpoints()]);
  root.render(
    <StrictMode>
      <App desk={desk} trusts={trusts} />
    </StrictMode>,
  );
};

/** A new build never swaps under something half written. */
void keepAppCurrent(() => document.querySelector("dialog[open]") === null);

start().catch((failure: unknown) => {
  const words = failure instanceof Error ? failure.message : "unknown fault";
  root.render(
    <main className="centre">
      <p role="alert">The desk could not start: {words}. Check the network and reload.</p>
    </main>,
  );
});

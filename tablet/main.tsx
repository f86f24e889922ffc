import { createRoot } from "react-dom/client";
import { keepAppCurrent } from "#client/app-update.ts";
import { openClient } from "#client/session.ts";
import { startTheme } from "#ui/theme.ts";
import { App } from "./app.tsx";
import { practiceIsRunning } from "./practice/practice.ts";
import { readPlace } from "./record/places.ts";
import { restorePlace } from "./record/use-place.ts";

startTheme();
restorePlace();

const start = async () => {
  const client = await openClient({ app: "tablet" });
  createRoot(document.getElementById("root")!).render(<App client={client} />);
  // A new build never takes over under an open record, locked or not, nor under a practice.
  await keepAppCurrent(() => readPlace(location.hash).at === "home" && !practiceIsRunning());
};

void start();

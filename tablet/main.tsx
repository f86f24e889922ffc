import { createRoot } from "react-dom/client";
import { keepAppCurrent } from "#client/app-update.ts";
import { openClient } from "#client/session.ts";
import { startTheme } from "#ui/theme.ts";
import { App } from "./app.tsx";
import { readPlace } from "./record/places.ts";
import { restorePlace } from "./record/use-place.ts";

startTheme();
restorePlace();
const client = await openClient({ app: "tablet" });
createRoot(document.getElementById("root")!).render(<App client={client} />);
// An open record's address is in the page's own, so this holds whatever is drawn.
void keepAppCurrent(() => readPlace(window.location.hash).at !== "record");

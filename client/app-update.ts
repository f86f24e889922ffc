const takeOverMessage = "holdfast-take-over";
const askAgainMs = 60_000;

/**
 * Registers the app's service worker, which keeps the whole app for a cold start with no network. A new build takes over,
 * and the page reloads, only when `mayTakeOver` says so: no record is open, nothing is half typed. Does nothing in a
 * browser without service workers, or in development.
 */
export const keepAppCurrent = async (mayTakeOver: () => boolean): Promise<void> => {
  if (!("serviceWorker" in navigator)) return;
  const workers = navigator.serviceWorker;
  // The first worker of all takes nothing over: the page that fetched it is the one it keeps.
  const replaces = workers.controller !== null;
  let replaced = false;

  const registration = await workers.register("/service-worker.js", { updateViaCache: "none" }).catch(() => null);
  if (registration === null) return;

  const tryNow = () => {
    // A page that is going away says nothing for the one that comes.
    if (document.visibilityState !== "visible" || !mayTakeOver()) return;
    if (replaced) location.reload();
    else registration.waiting?.postMessage(takeOverMessage);
  };
  workers.addEventListener("controllerchange", () => {
    if (!replaces) return;
    replaced = true;
    tryNow();
  });
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", tryNow);
  });
  document.addEventListener("visibilitychange", tryNow);
  addEventListener("online", () => void registration.update().catch(() => {}));
  setInterval(tryNow, askAgainMs);
  tryNow();
};

/** Scripts for the page itself, run before the app's: each watches from outside what the shipped app does. */

/** `usableAtMs`: from the navigation until somebody can sign in, painted. */
export const watchUsable = (): void => {
  const observer = new MutationObserver(() => {
    if (!/Who are you\?/.test(document.body?.textContent ?? "")) return;
    observer.disconnect();
    // The frame that shows it, and the task after that: by then it is painted.
    requestAnimationFrame(() =>
      setTimeout(() => {
        Object.assign(globalThis, { usableAtMs: performance.now() });
      }),
    );
  });
  observer.observe(document, { childList: true, subtree: true });
};

/** `tapMs`: interaction id → milliseconds from the touch until the next paint, of those that took more than 16. */
export const watchTaps = (): void => {
  const page = globalThis as { tapMs?: Record<number, number> };
  page.tapMs = {};
  const observer = new PerformanceObserver((list) => {
    for (const event of list.getEntries() as (PerformanceEntry & { interactionId: number })[])
      if (event.interactionId > 0)
        page.tapMs![event.interactionId] = Math.max(page.tapMs![event.interactionId] ?? 0, event.duration);
  });
  observer.observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
};

/** `saveMs`: from the beginning of a strict write of an entry until the read back after it has ended. */
export const watchSaves = (): void => {
  const page = globalThis as { saveMs?: number[] };
  page.saveMs = [];
  const real = IDBDatabase.prototype.transaction;
  let startedMs: number | undefined;
  let isDurable = false;
  IDBDatabase.prototype.transaction = function (this: IDBDatabase, names, mode, options) {
    const transaction = real.call(this, names, mode, options);
    if (!transaction.objectStoreNames.contains("entries")) return transaction;
    const nowMs = performance.now();
    if (mode === "readwrite" && transaction.durability === "strict") {
      startedMs = nowMs;
      isDurable = false;
      transaction.addEventListener("complete", () => {
        isDurable = true;
      });
    } else if (isDurable && startedMs !== undefined) {
      const began = startedMs;
      startedMs = undefined;
      transaction.addEventListener("complete", () => page.saveMs!.push(performance.now() - began));
    }
    return transaction;
  };
};

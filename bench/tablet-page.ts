/** Scripts for the page itself, run before the app's: each watches from outside what the shipped app does. */

/** Calls the binding `reportUsable` with the milliseconds from the navigation until somebody can sign in, painted. */
export const watchUsable = (): void => {
  const { reportUsable } = globalThis as unknown as { reportUsable: (ms: string) => void };
  const observer = new MutationObserver(() => {
    if (!/Who are you\?/.test(document.body?.textContent ?? "")) return;
    observer.disconnect();
    // The frame that shows it, and the task after that: by then it is painted.
    requestAnimationFrame(() => setTimeout(() => reportUsable(String(performance.now()))));
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

/**
 * `saveMs`: from the beginning of the strict write of an entry until it is durable and the page has the answer of the read
 * after it. That read's own transaction ends later, and nobody waits for it: by then the page is drawing what it read.
 */
export const watchSaves = (): void => {
  const page = globalThis as { saveMs?: number[] };
  page.saveMs = [];
  let startedMs: number | undefined;
  let isDurable = false;

  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (this: IDBDatabase, names, mode, options) {
    const nowMs = performance.now();
    const made = transaction.call(this, names, mode, options);
    if (mode === "readwrite" && made.durability === "strict" && made.objectStoreNames.contains("entries")) {
      startedMs = nowMs;
      isDurable = false;
      made.addEventListener("complete", () => {
        isDurable = true;
      });
    }
    return made;
  };

  const { get } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.get = function (this: IDBObjectStore, key) {
    const request = get.call(this, key);
    const began = startedMs;
    if (this.name === "entries" && this.transaction.mode === "readonly" && began !== undefined) {
      request.addEventListener("success", () => {
        if (!isDurable || startedMs !== began) return;
        startedMs = undefined;
        page.saveMs!.push(performance.now() - began);
      });
    }
    return request;
  };
};

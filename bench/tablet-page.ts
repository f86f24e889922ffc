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
 * Calls `reportLock` with the milliseconds from the press that locks until nothing in the document names the patient, and
 * `reportSwap` with those from the press that unlocks until the record list or the record is there again, painted.
 */
export const watchSwaps = (patient: string): void => {
  const { reportLock, reportSwap } = globalThis as unknown as Record<string, (ms: string) => void>;
  let lockedAtMs: number | undefined;
  let unlockedAtMs: number | undefined;
  const onClick = ({ target, timeStamp }: Event) => {
    if (/^Lock/.test((target as Element).closest("button")?.textContent?.trim() ?? "")) lockedAtMs = timeStamp;
  };
  const onKey = ({ key, timeStamp }: KeyboardEvent) => {
    if (key === "Enter" && isLocked()) unlockedAtMs = timeStamp;
  };
  const words = () => document.body?.textContent ?? "";
  const isLocked = () => words().includes("Who are you?");
  const isBack = () => !isLocked() && /Timeline|Records on this tablet/.test(words()) && words().includes(patient);
  addEventListener("click", onClick, { capture: true });
  addEventListener("keydown", onKey, { capture: true });
  const observer = new MutationObserver(() => {
    if (lockedAtMs !== undefined && !document.documentElement.outerHTML.includes(patient)) {
      reportLock!(String(performance.now() - lockedAtMs));
      lockedAtMs = undefined;
    }
    if (unlockedAtMs !== undefined && isBack()) {
      const began = unlockedAtMs;
      unlockedAtMs = undefined;
      requestAnimationFrame(() => setTimeout(() => reportSwap!(String(performance.now() - began))));
    }
  });
  observer.observe(document, { childList: true, subtree: true, characterData: true, attributes: true });
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

  const { getAll } = IDBIndex.prototype;
  IDBIndex.prototype.getAll = function (this: IDBIndex, query, count) {
    const request = getAll.call(this, query, count);
    const began = startedMs;
    const { name, transaction: read } = this.objectStore;
    if (name === "entries" && read.mode === "readonly" && began !== undefined) {
      request.addEventListener("success", () => {
        if (!isDurable || startedMs !== began) return;
        startedMs = undefined;
        page.saveMs!.push(performance.now() - began);
      });
    }
    return request;
  };
};

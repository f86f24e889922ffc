import { useEffect } from "react";
import type { Client } from "#client/client.ts";
import { arrestIsRunning } from "../record/arrest.ts";
import { rememberFocus } from "./focus-memory.ts";

const lookEveryMs = 5_000;
const afterMinutesDefault = 5;

/** Hides everything at once. What is half typed and where the keyboard was come back with the unlock. */
export const lockTablet = (client: Client): void => {
  rememberFocus(client);
  client.lock();
};

/** Locks a tablet that nobody has touched for as long as its trust says; never while an arrest is running. */
export const useAutoLock = (client: Client, open: boolean, afterMinutes = afterMinutesDefault): void => {
  useEffect(() => {
    if (!open) return;
    let touchedMs = Date.now();
    const touch = () => {
      touchedMs = Date.now();
    };
    const look = () => {
      const nowMs = Date.now();
      // A clock that was set back begins the wait anew.
      touchedMs = Math.min(touchedMs, nowMs);
      if (arrestIsRunning()) touchedMs = nowMs;
      else if (nowMs - touchedMs >= afterMinutes * 60_000) lockTablet(client);
    };
    const touches = ["pointerdown", "keydown", "input"] as const;
    for (const name of touches) addEventListener(name, touch, { capture: true, passive: true });
    document.addEventListener("visibilitychange", look);
    const timer = setInterval(look, lookEveryMs);
    return () => {
      for (const name of touches) removeEventListener(name, touch, { capture: true });
      document.removeEventListener("visibilitychange", look);
      clearInterval(timer);
    };
  }, [client, open, afterMinutes]);
};

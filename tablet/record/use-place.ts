import { useCallback, useSyncExternalStore } from "react";
import { home, type Place, placeAddress, readPlace } from "./places.ts";

const key = "holdfast.place";
const subscribe = (listener: () => void) => {
  window.addEventListener("hashchange", listener);
  return () => window.removeEventListener("hashchange", listener);
};
const address = () => window.location.hash;

/** After a cold start without an address the tablet returns to the record that was open, and remembers each next place. Ids only. */
export const restorePlace = (): void => {
  const stored = localStorage.getItem(key);
  if (address() === "" && stored !== null) window.history.replaceState(null, "", placeAddress(readPlace(stored)));
  window.addEventListener("hashchange", () => localStorage.setItem(key, address()));
};

/** Where the tablet is, and the way to go elsewhere; the browser's Back button works. */
export const usePlace = (): [Place, (place: Place) => void] => {
  const now = useSyncExternalStore(subscribe, address);
  const go = useCallback((place: Place) => {
    window.location.hash = placeAddress(place);
  }, []);
  return [now === "" ? home : readPlace(now), go];
};

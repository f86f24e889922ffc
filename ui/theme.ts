import { useSyncExternalStore } from "react";

export const themes = ["day", "night", "sunlight"] as const;
export type Theme = (typeof themes)[number];

const key = "holdfast.theme";
const listeners = new Set<() => void>();
const isTheme = (value: unknown): value is Theme => themes.includes(value as Theme);

const current = (): Theme => {
  const shown = document.documentElement.dataset.theme;
  return isTheme(shown) ? shown : "day";
};

/** Puts the stored theme on `<html>`; call it before the first paint. Storage that is switched off means day. */
export const startTheme = (): void => {
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(key);
  } catch {}
  document.documentElement.dataset.theme = isTheme(stored) ? stored : "day";
};

export const setTheme = (theme: Theme): void => {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(key, theme);
  } catch {}
  for (const listener of listeners) listener();
};

/** The theme shown, and the way to change it. */
export const useTheme = (): [Theme, (theme: Theme) => void] => [
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, current),
  setTheme,
];

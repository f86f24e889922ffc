import type { Draft } from "#sync/ports.ts";

/** An entry that its author wrote and the store did not take. It stays in memory until it is saved. */
export interface Unsaved {
  what: string;
  draft: Draft;
  /** The entry's exact text, where it got so far: it can be sent past the store. */
  text: string | undefined;
}

const words: Record<string, string> = { "spo2-scale": "SpO₂ scale", ecg: "12-lead", prealert: "pre-alert" };
export const unsavedWords = (kind: string): string => words[kind] ?? kind;

import type { Theme } from "#ui/theme.ts";

/** As a crew chooses among them. */
export const themes: readonly { value: Theme; label: string }[] = [
  { value: "day", label: "Day" },
  { value: "night", label: "Night" },
  { value: "sunlight", label: "Sunlight" },
];

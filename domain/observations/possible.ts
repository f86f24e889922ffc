import { compareDecimals } from "../entry/decimal.ts";
import type { Vital } from "./observations.ts";

/** What the quantity can be at all, in the unit of `vitalUnits`: outside is a slip of the finger, a lost probe or another unit. */
const possible: Record<Vital, readonly [lowest: string, highest: string]> = {
  respirations: ["0", "120"],
  spo2: ["0", "100"],
  systolic: ["0", "350"],
  diastolic: ["0", "300"],
  pulse: ["0", "350"],
  heartRate: ["0", "350"],
  temperature: ["12", "46"],
  pain: ["0", "10"],
  glucose: ["0", "120"],
  etco2: ["0", "25"],
  capillaryRefill: ["0", "60"],
  oxygenFlow: ["0", "60"],
};

/** True of a value that no patient has. It is kept and flagged, and never scored. */
export const isImpossible = (vital: Vital, value: string): boolean => {
  const [lowest, highest] = possible[vital];
  return compareDecimals(value, lowest) < 0 || compareDecimals(value, highest) > 0;
};

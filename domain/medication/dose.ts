import { addDecimals, compareDecimals, shiftDecimal, trimmed } from "../entry/decimal.ts";
import type { Quantity } from "../entry/quantity.ts";
import { unitText } from "../observations/words.ts";

/** UCUM unit → its family and the power of ten to the family's smallest unit. */
const scales: Record<string, { family: string; power: number }> = {
  g: { family: "mass", power: 9 },
  mg: { family: "mass", power: 6 },
  ug: { family: "mass", power: 3 },
  mcg: { family: "mass", power: 3 },
  ng: { family: "mass", power: 0 },
  L: { family: "volume", power: 3 },
  l: { family: "volume", power: 3 },
  mL: { family: "volume", power: 0 },
  ml: { family: "volume", power: 0 },
};
const scaleOf = (unit: string) => (Object.hasOwn(scales, unit) ? scales[unit]! : { family: `unit ${unit}`, power: 0 });

export const comparable = (a: Quantity, b: Quantity): boolean => scaleOf(a.unit).family === scaleOf(b.unit).family;

/** The value in another unit of the same family, exact. */
const valueIn = (quantity: Quantity, unit: string): string =>
  shiftDecimal(quantity.value, scaleOf(quantity.unit).power - scaleOf(unit).power);

/** Same amount, whatever the unit and the zeros: 0.4 mg and 400 microgram. */
export const sameAmount = (a: Quantity, b: Quantity): boolean =>
  comparable(a, b) && compareDecimals(valueIn(a, b.unit), b.value) === 0;

/** Exact sum in the unit of the first; the two must be comparable. */
export const addAmounts = (a: Quantity, b: Quantity): Quantity => ({
  value: trimmed(addDecimals(a.value, valueIn(b, a.unit))),
  unit: a.unit,
});

/** `400 microgram`. The digits are as they were written. */
export const quantityText = ({ value, unit }: Quantity): string => `${value} ${unitText(unit)}`;

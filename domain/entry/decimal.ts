/** A decimal text as sign, digits and how many of them are after the point: exact, whatever its length. */
interface Exact {
  digits: bigint;
  places: number;
}

const exact = (decimal: string): Exact => {
  const [whole = "0", part = ""] = decimal.split(".");
  return { digits: BigInt(whole + part), places: part.length };
};

/**
 * The decimal (shape `decimal`, quantity.ts) times 10^places as an integer, rounded half away from zero: rounded to a
 * chart's own precision. "36.05" at 1 place is 361.
 */
export const roundedTo = (decimal: string, places: number): number => {
  const { digits, places: has } = exact(decimal.replace("-", ""));
  const sign = decimal.startsWith("-") ? -1 : 1;
  if (has <= places) return sign * Number(digits * 10n ** BigInt(places - has));
  const unit = 10n ** BigInt(has - places);
  return sign * Number((digits + unit / 2n) / unit);
};

/** Exact sum of two decimals, with the digits of the more precise one. */
export const addDecimals = (a: string, b: string): string => {
  const [x, y] = [exact(a), exact(b)];
  const places = Math.max(x.places, y.places);
  return written(x.digits * 10n ** BigInt(places - x.places) + y.digits * 10n ** BigInt(places - y.places), places);
};

/** The decimal times 10^shift, exact: a change of unit. "0.4" by 3 is "400". */
export const shiftDecimal = (decimal: string, shift: number): string => {
  const { digits, places } = exact(decimal);
  return shift >= places ? String(digits * 10n ** BigInt(shift - places)) : written(digits, places - shift);
};

/** -1, 0 or 1. */
export const compareDecimals = (a: string, b: string): number => {
  const [x, y] = [exact(a), exact(b)];
  const places = Math.max(x.places, y.places);
  const difference = x.digits * 10n ** BigInt(places - x.places) - y.digits * 10n ** BigInt(places - y.places);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};

/** Without zeros at the end of the part after the point. */
export const trimmed = (decimal: string): string =>
  decimal.includes(".") ? decimal.replace(/0+$/, "").replace(/\.$/, "") : decimal;

const written = (digits: bigint, places: number): string => {
  if (places === 0) return String(digits);
  const text = (digits < 0n ? -digits : digits).toString().padStart(places + 1, "0");
  return `${digits < 0n ? "-" : ""}${text.slice(0, -places)}.${text.slice(-places)}`;
};

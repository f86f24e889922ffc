/**
 * The number of a paper form: `NM-48210001-007-93`. Letters of the trust, pack, form within the pack, and two check digits by
 * ISO 7064 MOD 97-10 over all of it (a letter counts as two digits, A = 10). They find every single wrong digit and every swap
 * of two neighbours; a letter in a digit's place does not read as a number at all. Who gives out packs, and why two of them
 * cannot be the same: docs/decisions/0023.
 */
export interface PaperNumber {
  /** Two, one pair a trust. */
  letters: string;
  /** Eight digits of a pack that the base reserved, thirteen of one that a machine printed without it. */
  pack: string;
  /** From 1. */
  form: number;
}

export const formsMax = 200;

const shape = /^([A-Z]{2})(\d{8}|9\d{12})(\d{3})(\d{2})$/;

/** Remainder by 97 of digits and letters, A = 10 … Z = 35. */
const remainder = (text: string): number => {
  let rest = 0;
  for (const sign of text) {
    const value = Number.parseInt(sign, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
};

/** Two digits, 02 … 98. */
const checkOf = (text: string): string => String(98 - remainder(`${text}00`)).padStart(2, "0");

const threeDigits = (form: number): string => String(form).padStart(3, "0");

/** As it is printed and stored. */
export const paperNumberText = ({ letters, pack, form }: PaperNumber): string =>
  `${letters}-${pack}-${threeDigits(form)}-${checkOf(`${letters}${pack}${threeDigits(form)}`)}`;

/** The pack that a number is of, as its cover shows it: `NM-48210001`. */
export const packOf = ({ letters, pack }: PaperNumber): string => `${letters}-${pack}`;

/** The numbers of a pack that is named so, in their order. */
export const numbersOfPack = ({ pack: id, forms }: { pack: string; forms: number }): string[] => {
  const [letters = "", pack = ""] = id.split("-");
  return Array.from({ length: forms }, (_, i) => paperNumberText({ letters, pack, form: i + 1 }));
};

/** `shape`: these characters are no number of ours. `check`: a digit is wrong, or two were swapped. */
export type PaperNumberFault = "shape" | "check";

/** Reads what somebody typed or a scanner sent; hyphens, spaces and small letters do not matter. */
export const readPaperNumber = (typed: string): { number: PaperNumber; text: string } | { fault: PaperNumberFault } => {
  const found = shape.exec(typed.toUpperCase().replace(/[\s-]/g, ""));
  if (found === null) return { fault: "shape" };
  const [, letters = "", pack = "", form = "", check = ""] = found;
  const number = { letters, pack, form: Number(form) };
  if (checkOf(`${letters}${pack}${form}`) !== check) return { fault: "check" };
  return number.form === 0 ? { fault: "shape" } : { number, text: paperNumberText(number) };
};

/** What to do about a number that does not read. */
export const faultWords: Record<PaperNumberFault, string> = {
  shape: "This is no form's number. It is printed at the top of every page: two letters, then digits.",
  check: "A digit is wrong, or two are swapped. Look at the form and type the number again, or scan it.",
};

export const basePacksMax = 9999;
/** A pack that the base reserved. `series`: four digits of this life of its log, so that one which was cut back gives no number twice. */
export const basePack = (series: string, count: number): string => {
  if (!/^\d{4}$/.test(series) || !(count >= 1 && count <= basePacksMax))
    throw new RangeError(`no pack ${count} of series ${series}`);
  return `${series}${String(count).padStart(4, "0")}`;
};

export const machinePacksMax = 999;
/** A pack of a machine's own range, printed without the base. `machine`: nine digits. */
export const machinePack = (machine: string, count: number): string => {
  if (!/^\d{9}$/.test(machine) || !(count >= 1 && count <= machinePacksMax))
    throw new RangeError(`no pack ${count} of machine ${machine}`);
  return `9${machine}${threeDigits(count)}`;
};

/** The machine that printed a pack without the base; undefined for a pack of the base's. */
export const machineOf = (pack: string): string | undefined => (pack.length === 13 ? pack.slice(1, 10) : undefined);

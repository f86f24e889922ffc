import type { FilmAgreement } from "./film-keys.ts";

/**
 * What a screen says where its receipt cannot be filmed: the time of the acceptance, six digits that only whoever opened the film
 * can make, and a check digit. `1432 471 193 5`. It says that the film was accepted, and when; by whom, the crew writes.
 */
const macDigits = 6;

export const receiptCode = async (agreement: FilmAgreement, filmId: string, acceptedAt: string): Promise<string> =>
  codeWith(agreement, filmId, `${acceptedAt.slice(11, 13)}${acceptedAt.slice(14, 16)}`);

const codeWith = async (agreement: FilmAgreement, filmId: string, time: string): Promise<string> => {
  const mac = await agreement.codeOf(`accepted\n${filmId}\n${time}\n`);
  const number = new DataView(mac.buffer, mac.byteOffset).getUint32(0) % 10 ** macDigits;
  const digits = `${time}${number.toString().padStart(macDigits, "0")}`;
  return digits + checkDigit(digits);
};

export type TypedCode = { accepted: string } | { fault: "mistyped" | "another-film" };

/** `accepted`: the time in UTC, `HH:MM`. `mistyped`: not as many digits, or the check digit says so. */
export const readReceiptCode = async (agreement: FilmAgreement, filmId: string, typed: string): Promise<TypedCode> => {
  const digits = typed.replace(/\D/g, "");
  const said = digits.slice(0, -1);
  if (digits.length !== 4 + macDigits + 1 || checkDigit(said) !== digits.at(-1)) return { fault: "mistyped" };
  const time = digits.slice(0, 4);
  if ((await codeWith(agreement, filmId, time)) !== digits) return { fault: "another-film" };
  return { accepted: `${time.slice(0, 2)}:${time.slice(2)}` };
};

/** Damm: finds every wrong digit and every two that were swapped. */
const checkDigit = (digits: string): string => {
  let interim = 0;
  for (const digit of digits) interim = damm[interim]![Number(digit)]!;
  return String(interim);
};
const damm = [
  [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
  [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
  [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
  [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
  [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
  [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
  [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
  [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
  [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
  [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

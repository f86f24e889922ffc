/**
 * Whether ten digits are a valid NHS number by Modulus 11: weights 10 to 2, check digit 11 minus the remainder, 11
 * counting as 0 and 10 as invalid (NHS Data Dictionary). A wrong one is flagged and never refused.
 */
export const isValidNhsNumber = (digits: string): boolean => {
  if (!/^\d{10}$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < 9; i++) sum += Number(digits[i]) * (10 - i);
  const check = (11 - (sum % 11)) % 11;
  return check !== 10 && check === Number(digits[9]);
};

/** Whether ten digits were typed, whatever stands between them, and the check digit does not match. With fewer, typing goes on. */
export const isMistypedNhsNumber = (typed: string): boolean => {
  const digits = typed.replaceAll(/\D/g, "");
  return digits.length === 10 && !isValidNhsNumber(digits);
};

/** `999 000 0018`; what is not ten digits comes back as it is. */
export const formatNhsNumber = (digits: string): string => digits.replace(/^(\d{3})(\d{3})(\d{4})$/, "$1 $2 $3");

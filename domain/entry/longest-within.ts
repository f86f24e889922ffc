/** The text, or what of it fits into that many UTF-16 units with an ellipsis; never half a surrogate pair. */
export const longestWithin = (text: string, lengthMax: number): string => {
  if (text.length <= lengthMax) return text;
  const cut = text.slice(0, lengthMax - 1);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
};

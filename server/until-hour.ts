/** Ms until it is next so many o'clock, by the machine's clock. */
export const untilHour = (hour: number, now: Date): number => {
  const next = new Date(now);
  next.setHours(hour, 0, 0, 0);
  if (next <= now) next.setDate(next.getDate() + 1);
  return next.getTime() - now.getTime();
};
